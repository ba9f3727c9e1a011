/** A text on one line, and where each of its lines began. */
export interface FlatText {
  readonly text: string;
  /** Offset in `text` of every line, in order. */
  readonly lineStarts: readonly number[];
}

/** Scripts that put no space between a number and the word it counts. */
export const gluedScripts =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';

/**
 * Brings a text to one spelling of digits, spaces and invisible characters.
 * Line breaks stay where they are, so line numbers still hold. Enclosed digits (a list's ornament) are dropped;
 * raised digits keep a `^` before them, so that 10² never reads as 102.
 */
export function normalText(text: string): string {
  const broken = text.replace(/\r\n?/g, '\n');
  if (isAscii(broken)) return broken.replace(/[\t\v\f]/g, ' ');
  return broken
    .replace(/[0-9]\uFE0F?\u20E3|[\u2460-\u249B\u24EA-\u24FF\u2776-\u2793]/g, ' ')
    .replace(/[\u2070\u00B9\u00B2\u00B3\u2074-\u2079]+/g, (raised) => `^${raised}`)
    .replace(
      /[\u00BC-\u00BE\u2150-\u215E]/g,
      (fraction) => ` ${fraction.normalize('NFKC').replace('\u2044', '/')}`,
    )
    .normalize('NFKC')
    .replace(/[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u00AD]|\uFE0E|\uFE0F/g, '')
    .replace(nativeDigits, asciiDigit)
    .replace(/[\u066A-\u066C]/g, (mark) => ({ '\u066A': '%', '\u066B': '.', '\u066C': ',' })[mark] ?? mark)
    .replace(/[\u2010\u2011\u2212]/g, '-')
    .replace(/(?<=\d)\u2019(?=\d{3})/g, "'")
    .replace(/[\t\v\f\u0085\u1680\u2028\u2029]/g, ' ');
}

/**
 * Folds prose for comparison: case, quotation marks, dashes and Markdown marks no longer count.
 * Code marks and link targets are dropped, link texts stay.
 */
export function foldProse(text: string): string {
  return text
    .replace(/ {2,}/g, ' ')
    .replace(/!?\[([^[\]\n]{0,300})\]\([^()\n]{0,1000}\)/g, '$1')
    .replace(/<\/?[a-zA-Z][^<>\n]{0,500}>/g, '')
    .replace(/^ *(?:> ?)+|^ *#{1,6} /gm, '')
    .replace(/^ *(?:[-*+]|\d{1,3}[.)]) +/gm, '')
    .replace(/\*+|`+|~~/g, '')
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '')
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, '')
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (_, name: string) => entities[name] ?? ' ')
    .replace(/["'\u00AB\u00BB\u2018-\u201F\u2039\u203A\u2032\u2033\u300C-\u300F]+/g, "'")
    .replace(/ *[-\u2012-\u2015]+ */g, '-')
    .toLowerCase();
}

const entities: Readonly<Record<string, string>> = Object.freeze({
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
});

/** Puts a text on one line: one space for every run of white space, none between two lines of Chinese. */
export function flatten(text: string): FlatText {
  const pieces: string[] = [];
  const lineStarts: number[] = [];
  let length = 0;
  let last = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/ {2,}/g, ' ').trim();
    if (line !== '' && last !== '' && !(unspaced.test(last) && unspaced.test(line[0] ?? ''))) {
      pieces.push(' ');
      length += 1;
    }
    lineStarts.push(length);
    if (line === '') continue;
    pieces.push(line);
    length += line.length;
    last = line[line.length - 1] ?? '';
  }
  return { text: pieces.join(''), lineStarts };
}

/** Gives every line's offset in a text that still has its line breaks. */
export function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Finds the line (from 1) that an offset lies on. */
export function lineAt(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Overwrites a piece of text with spaces: offsets and lines stay true. */
export function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F]/u;

function isAscii(text: string): boolean {
  return !/[^\0-\x7F]/.test(text);
}

/** Where the decimal digits of the scripts in use start; each runs from zero to nine. */
const zeros: readonly number[] = Object.freeze([
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
  0xf20, 0x1040, 0x1090, 0x17e0, 0x1810,
]);

const nativeDigits = new RegExp(
  `[${zeros.map((zero) => `${String.fromCharCode(zero)}-${String.fromCharCode(zero + 9)}`).join('')}]`,
  'g',
);

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  return String(code - (zeros.find((zero) => code >= zero && code < zero + 10) ?? code));
}
