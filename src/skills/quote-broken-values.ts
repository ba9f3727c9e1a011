import { parseYaml } from './yaml-mapping.ts';

/** Lines of YAML with quotes put around what needs them. Lines count from 1. */
export interface QuotedValues {
  readonly lines: readonly string[];
  readonly quoted: readonly { readonly key: string; readonly line: number }[];
  /** The first entry that quotes could not mend: the parser alone often names a line far below it. */
  readonly broken: { readonly reason: string; readonly line: number } | null;
}

/**
 * Puts quotes around top-level plain values that YAML refuses, such as `description: Use when: x`.
 * Only entries that fail on their own are touched, and no line moves.
 */
export async function quoteBrokenValues(lines: readonly string[]): Promise<QuotedValues> {
  const result: string[] = [];
  const quoted: { key: string; line: number }[] = [];
  let broken: QuotedValues['broken'] = null;
  for (const entry of splitEntries(lines)) {
    const parsed = await parseYaml(entry.join('\n'));
    const mended = parsed.ok ? null : quoteEntry(entry);
    if (mended !== null) quoted.push({ key: mended.key, line: result.length + 1 });
    if (!parsed.ok && mended === null)
      broken ??= { reason: parsed.reason, line: result.length + parsed.line };
    result.push(...(mended?.lines ?? entry));
  }
  return { lines: result, quoted, broken };
}

/** An entry is a line that starts at the margin and the lines below it that do not. */
function splitEntries(lines: readonly string[]): readonly (readonly string[])[] {
  const starts = lines.flatMap((line, at) => (at === 0 || /^[^\s-]/.test(line) ? [at] : []));
  return starts.map((start, at) => lines.slice(start, starts[at + 1] ?? lines.length));
}

function quoteEntry(
  entry: readonly string[],
): { readonly key: string; readonly lines: readonly string[] } | null {
  const [, key = '', value = ''] = /^([\w-]+):[ \t]+(\S.*)$/.exec(entry[0] ?? '') ?? [];
  if (!meansText(value)) return null;
  const values = [value, ...entry.slice(1)];
  const last = values.findLastIndex((line) => line.trim() !== '');
  const escaped = values.map((line) => line.trimEnd().replaceAll('\\', '\\\\').replaceAll('"', '\\"'));
  const mended = escaped.map((line, at) => `${at === 0 ? `${key}: "` : ''}${line}${at === last ? '"' : ''}`);
  return { key, lines: mended };
}

/** True unless the value begins as something else: quotes, a block, a comment, an anchor, a mapping, or only a list. */
function meansText(value: string): boolean {
  return (
    value !== '' &&
    !/^["'|>#&{]/.test(value) &&
    (!value.startsWith('[') || /^\[[^\]]*\]\s*[^\s#]/.test(value))
  );
}
