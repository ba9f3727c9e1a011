import { isJsonObject, type Json } from '../core/index.ts';

/** The keys and values of a YAML mapping. `lines`: from 1, of each key. */
export interface YamlMapping {
  readonly attributes: Readonly<Record<string, Json>>;
  readonly lines: ReadonlyMap<string, number>;
}

/** A mapping, or the first thing that is wrong and its line. */
export type ParsedYaml =
  | { readonly ok: true; readonly mapping: YamlMapping }
  | { readonly ok: false; readonly reason: string; readonly line: number };

/** Reads YAML that must be `key: value` lines. The parser loads on first use: most programs never need it. */
export async function parseYaml(source: string): Promise<ParsedYaml> {
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(source, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const lineAt = (offset: number) => Math.max(1, lineCounter.linePos(offset).line);
  const [error] = document.errors;
  if (error !== undefined)
    return { ok: false, reason: withoutFullStop(error.message), line: lineAt(error.pos[0]) };
  if (document.contents === null) return { ok: true, mapping: { attributes: {}, lines: new Map() } };
  if (!isMap(document.contents)) return { ok: false, reason: 'it must be lines of `key: value`', line: 1 };
  const lines = new Map<string, number>();
  for (const { key } of document.contents.items) {
    if (isScalar(key) && key.range) lines.set(String(key.value), lineAt(key.range[0]));
  }
  return readValues(() => document.toJS({ maxAliasCount: aliasesMax }), lines);
}

/** The yaml package's own default: enough for people, too little for a bomb of nested aliases. */
const aliasesMax = 100;

function readValues(read: () => unknown, lines: ReadonlyMap<string, number>): ParsedYaml {
  try {
    // Once through JSON, so that nothing which JSON cannot carry (.nan, a binary) comes out.
    const attributes: unknown = JSON.parse(JSON.stringify(read()));
    return isJsonObject(attributes)
      ? { ok: true, mapping: { attributes, lines } }
      : { ok: false, reason: 'it must be lines of `key: value`', line: 1 };
  } catch (error) {
    // The package throws a ReferenceError for an alias without an anchor and for too many aliases.
    if (!(error instanceof ReferenceError)) throw error;
    return { ok: false, reason: withoutFullStop(error.message), line: 1 };
  }
}

function withoutFullStop(message: string): string {
  return message.trim().replace(/\.$/, '');
}
