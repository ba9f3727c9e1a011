import { fail, isDeeperThan, type Json, jsonLevelsMax, ok, type Result } from '../../core/index.ts';

/** Reads bytes as JSON. What is wrong with it is told with its line and column. */
export function readJson(bytes: Uint8Array, name = 'The body'): Result<Json> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('wrong-input', `${name} is not UTF-8: send JSON as UTF-8.`);
  }
  if (text.trim() === '') return fail('wrong-input', `${name} is empty: send JSON.`);
  try {
    const value = JSON.parse(text) as Json;
    if (!isDeeperThan(value, jsonLevelsMax)) return ok(value);
    return fail(
      'wrong-input',
      `${name} is nested deeper than ${jsonLevelsMax} levels: send flatter data, or send it as a file.`,
    );
  } catch {
    const at = findMistake(text);
    const lines = text.slice(0, at).split('\n');
    const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
    const what = at >= text.trimEnd().length ? 'ends too early' : 'is not JSON';
    return fail('wrong-input', `${name} ${what} at ${place} (character ${at}): mend it and send it again.`);
  }
}

/** White space, then one token of JSON. Text is matched up to where it goes wrong. */
const token =
  /[ \t\r\n]*(?:(?<mark>[{}[\],:])|(?<text>"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?<word>(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])))/uy;

/** What may come next. */
type Expecting = 'value' | 'value-or-]' | 'name' | 'name-or-}' | ':' | ', or end';

/** Where a text stops being JSON, in characters from its start. The engine's own message does not always say. */
function findMistake(text: string): number {
  const open: string[] = [];
  const reader = new RegExp(token);
  let expecting: Expecting = 'value';
  for (let at = 0; ; at = reader.lastIndex) {
    reader.lastIndex = at;
    const groups = reader.exec(text)?.groups;
    const start = at + (/^[ \t\r\n]*/.exec(text.slice(at, at + 10_000))?.[0].length ?? 0);
    if (groups === undefined) return start;
    const next = follow(expecting, groups, open);
    if (next === null) return start;
    expecting = next;
    if (expecting === ', or end' && open.length === 0 && text.slice(reader.lastIndex).trim() === '')
      return at;
  }
}

/** Takes one token; null where it may not stand. */
function follow(
  expecting: Expecting,
  { mark, text }: Record<string, string | undefined>,
  open: string[],
): Expecting | null {
  if (mark === '}' || mark === ']') {
    const isEmpty = expecting === (mark === '}' ? 'name-or-}' : 'value-or-]');
    const opener = mark === '}' ? '{' : '[';
    if (open.at(-1) !== opener || (!isEmpty && expecting !== ', or end')) return null;
    open.pop();
    return ', or end';
  }
  if (mark === ',') {
    if (expecting !== ', or end' || open.length === 0) return null;
    return open.at(-1) === '{' ? 'name' : 'value';
  }
  if (mark === ':') return expecting === ':' ? 'value' : null;
  if (expecting === 'name' || expecting === 'name-or-}') return text === undefined ? null : ':';
  if (expecting !== 'value' && expecting !== 'value-or-]') return null;
  if (mark === undefined) return ', or end';
  open.push(mark);
  return mark === '{' ? 'name-or-}' : 'value-or-]';
}
