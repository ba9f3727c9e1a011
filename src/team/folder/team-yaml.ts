import type { Document, LineCounter, Node, Pair, ParsedNode, YAMLError } from 'yaml';
import { isJsonObject, type Place } from '../../core/index.ts';
import {
  type CheckedSettings,
  checkSettings,
  type PlaceOf,
  type SettingPath,
} from '../settings/check-settings.ts';
import type { Report } from '../settings/report.ts';

/** Settings of a team, and where each of them stands. */
export interface PlacedSettings extends CheckedSettings {
  readonly placeOf: PlaceOf;
}

type Yaml = typeof import('yaml');

/** Settings where a team has no `team.yaml`: none. */
export function noSettings(file: string): PlacedSettings {
  return { settings: {}, whole: true, placeOf: () => ({ file }) };
}

/** Reads the text of a `team.yaml`; everything wrong in it is reported with its line. */
export async function parseTeamYaml(text: string, file: string, report: Report): Promise<PlacedSettings> {
  const yaml = await import('yaml');
  const lineCounter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter, prettyErrors: false, merge: true });
  for (const error of document.errors) report.fail(placeAt(error, file, lineCounter), syntaxMistake(error));
  const usable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  const placeOf: PlaceOf = (path) => ({ file, line: lineOf(yaml, document, { path, lineCounter }) });
  const value = usable ? readValue(document, file, report) : undefined;
  if (value === undefined) return { settings: {}, whole: false, placeOf };
  const checked = checkSettings(withoutEmpty(value), placeOf, report);
  return { ...checked, whole: checked.whole && document.errors.length === 0, placeOf };
}

function placeAt(error: YAMLError, file: string, lineCounter: LineCounter): Place {
  return { file, line: lineCounter.linePos(error.pos[0]).line };
}

function syntaxMistake({ code, message }: YAMLError): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same map; keep one of them';
  if (code === 'TAB_AS_INDENT') return 'a tab indents this line; YAML wants spaces';
  if (code === 'MULTIPLE_DOCS') return 'a second document starts here; keep one and remove the line ---';
  return `this is not valid YAML: ${message}`;
}

function readValue(document: Document.Parsed<ParsedNode>, file: string, report: Report): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // The parser throws this, and only this, for an alias (*name) without its anchor (&name) or too many of them.
    if (!(error instanceof ReferenceError)) throw error;
    report.fail({ file }, `${error.message}; write the value out instead`);
    return undefined;
  }
}

/** Leaves out sections that are begun but empty (`budget:` and nothing below), which say nothing. */
function withoutEmpty(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const sections = Object.entries(value).filter(([, section]) => section !== null);
  return Object.fromEntries(
    sections.map(([key, section]) => {
      if (key === 'agents') return [key, emptyEntries(section)];
      if (key === 'input' && isJsonObject(section)) return [key, withoutEmptyInput(section)];
      return [key, section];
    }),
  );
}

function withoutEmptyInput(input: Readonly<Record<string, unknown>>): unknown {
  const parts = Object.entries(input).filter(([, part]) => part !== null);
  return Object.fromEntries(parts.map(([key, part]) => [key, emptyEntries(part)]));
}

/** `extractor:` with nothing behind it is an entry without settings. */
function emptyEntries(section: unknown): unknown {
  if (!isJsonObject(section)) return section;
  return Object.fromEntries(Object.entries(section).map(([name, entry]) => [name, entry ?? {}]));
}

function lineOf(
  yaml: Yaml,
  document: Document.Parsed<ParsedNode>,
  { path, lineCounter }: { readonly path: SettingPath; readonly lineCounter: LineCounter },
): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const part of path) {
    const inner = yaml.isAlias(node) ? node.resolve(document) : node;
    const step = stepInto(yaml, inner, part);
    if (step === null) break;
    offset = step.start ?? offset;
    node = step.node;
  }
  return lineCounter.linePos(offset).line;
}

/** A setting stands where its key does; an item of a list where it begins. */
function stepInto(
  yaml: Yaml,
  node: unknown,
  part: string | number,
): { start: number | undefined; node: unknown } | null {
  if (yaml.isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined;
    return item === undefined ? null : { start: item.range?.[0], node: item };
  }
  if (!yaml.isMap(node)) return null;
  const pair = node.items.find((one: Pair) => keyText(yaml, one) === String(part));
  if (pair === undefined) return null;
  return { start: (pair.key as Node | null)?.range?.[0], node: pair.value };
}

function keyText(yaml: Yaml, pair: Pair): string {
  return yaml.isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}
