import { withoutOrdinals } from './draft-text.ts';
import { blank, type FlatText, flatten, foldProse, lineAt, lineStartsOf, normalText } from './normal-text.ts';
import { readQuantities } from './numbers.ts';
import { findUrls } from './urls.ts';

/** A source, read once, in the forms that claims are looked up in. */
export interface SourceIndex {
  /** With its line breaks; offsets of `lineStarts` and of occurrences are of this text. */
  readonly text: string;
  readonly lineStarts: readonly number[];
  /** On one line, as written: for code and commands. */
  readonly exact: FlatText;
  /** On one line, folded: for quotations and names. */
  readonly prose: FlatText;
  /** Value → where it stands. */
  readonly quantities: ReadonlyMap<string, readonly Occurrence[]>;
  /** Version, and the shorter forms it fulfils (`1.2.3`: also `1.2` and `1`) → offset. */
  readonly versions: ReadonlyMap<string, number>;
  /** Key of a URL → where it stands. */
  readonly urls: ReadonlyMap<string, { readonly text: string; readonly start: number }>;
}

/** A number at its place in the source. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly unit: string | null;
  readonly value: string;
}

/** Reads a source. Linear in its length: 5 MB take a few hundred milliseconds. */
export function indexSource(source: string): SourceIndex {
  const text = normalText(source);
  const urls = findUrls(text);
  const running = withoutOrdinals(withoutUrls(text, urls));
  return {
    text,
    lineStarts: lineStartsOf(text),
    exact: flatten(straight(text)),
    prose: flatten(foldProse(text)),
    quantities: indexQuantities(running),
    versions: indexVersions(running),
    urls: new Map([...urls].reverse().map((url) => [url.key, url])),
  };
}

/** Writes typographic quotation marks as typewriters do; code never means the others. */
export function straight(text: string): string {
  return text.replace(/[“”„]/g, '"').replace(/[‘’]/g, "'");
}

/** The line (from 1) that an offset of the source's own text lies on. */
export function sourceLine(index: SourceIndex, offset: number): number {
  return lineAt(index.lineStarts, offset);
}

/** Enough to find one place with the right unit; a number that stands everywhere proves little anyway. */
const occurrencesMax = 50;

function indexQuantities(text: string): ReadonlyMap<string, readonly Occurrence[]> {
  const found = new Map<string, Occurrence[]>();
  for (const { values, pieces, unit, start, end } of readQuantities(text)) {
    for (const value of pieces.length === 0 ? values : [...values, ...pieces]) {
      const list = found.get(value);
      if (list === undefined) found.set(value, [{ start, end, unit, value }]);
      else if (list.length < occurrencesMax) list.push({ start, end, unit, value });
    }
  }
  return found;
}

const versionPattern =
  /(?=[v<>=^~@\d])(?<![\p{Script=Latin}\p{N}_.,])(v(?=\d)|[<>=^~@]=? ?v?)?(\d+(?:\.\d+){1,5}|(?<=v)\d+)(-[a-z][\da-z.-]*)?(?![\d_]|\.\d)/giu;

function indexVersions(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const add = (version: string, offset: number) => void (found.has(version) || found.set(version, offset));
  for (const match of text.matchAll(versionPattern)) {
    const [, mark, version = '', suffix = ''] = match;
    add(`${version}${suffix}`.toLowerCase(), match.index);
    // A release candidate is not the release, and a plain 2.5 is a number: neither fulfils a shorter claim.
    if (suffix !== '' || (mark === undefined && version.split('.').length < 3)) continue;
    const parts = version.split('.');
    for (let length = parts.length - 1; length > 0; length -= 1)
      add(parts.slice(0, length).join('.'), match.index);
  }
  return found;
}

function withoutUrls(
  text: string,
  urls: readonly { readonly text: string; readonly start: number }[],
): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { text: url, start } of urls) {
    pieces.push(text.slice(from, start), blank(url));
    from = start + url.length;
  }
  pieces.push(text.slice(from));
  return pieces.join('');
}
