import { blank, flatten, foldProse } from './normal-text.ts';
import { findUrls } from './urls.ts';

/** A quotation as it stands in a text. */
export interface FoundQuote {
  /** With its marks. */
  readonly text: string;
  readonly start: number;
}

/** Finds quotations in every usual kind of marks, and quoted blocks, paragraph by paragraph. */
export function findQuotes(text: string): readonly FoundQuote[] {
  const blocks = [...text.matchAll(blockPattern)].flatMap((match) => blockQuotes(match[0], match.index));
  const open = blocks.reduce((left, block) => {
    return left.slice(0, block.start) + blank(block.text) + left.slice(block.start + block.text.length);
  }, shielded(text));
  const inline = [...open.matchAll(inlinePattern)].map((match) => ({
    text: text.slice(match.index, match.index + match[0].length),
    start: match.index,
  }));
  return [...blocks, ...inline].sort((a, b) => a.start - b.start);
}

/** What of a quotation must stand in the source: folded, without what an ellipsis or brackets leave out. */
export function quoteParts(quote: string): readonly string[] {
  return flatten(foldProse(quote.replace(/\[[^\]\n]{0,80}\]|…|\.{3,}/g, gap)))
    .text.split(gap)
    .map((part) => part.replace(/^[^\p{L}\p{N}$€£¥@#]+|[^\p{L}\p{N}%)+#]+$/gu, ''))
    .filter((part) => part !== '');
}

const gap = '\u0001';

/** At most 1,000 characters, and never over a blank line: a stray mark must not swallow the draft. */
function between(open: string, close: string): string {
  return `${open}(?:[^${open}${close}\\n]|\\n(?! *\\n)){1,1000}?[${close}]`;
}

const afterWord = '(?<![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{N}])';
const inner = (mark: string) => `(?=\\S)(?:[^${mark}\\n]|\\n(?! *\\n)){1,1000}?(?<=\\S)`;

const inlinePattern = new RegExp(
  [
    between('„', '“”'),
    between('“', '”'),
    between('«', '»'),
    `(?<=^|[\\s(])${between('»', '«')}`,
    between('‹', '›'),
    between('「', '」'),
    between('『', '』'),
    `(?<=^|[\\s(—–])”${inner('”')}”`,
    `${afterWord}"${inner('"')}"(?![\\p{Script=Latin}\\p{N}])`,
    `${afterWord}‘${inner('‘')}’(?![\\p{L}\\p{N}])`,
  ].join('|'),
  'gmu',
);

const blockPattern = /(?:^ {0,3}>[^\n]*(?:\n|$)){1,500}/gm;

/** Splits a quoted block at its empty lines; callouts (`[!NOTE]`) and the line that names the speaker are no quotes. */
function blockQuotes(block: string, start: number): readonly FoundQuote[] {
  if (/^ *> *\[!\w+\]/.test(block)) return [];
  const quotes: FoundQuote[] = [];
  let from = start;
  for (const paragraph of block.split(/^( *(?:> *){1,20}(?:\n|$))/m)) {
    const spoken = paragraph.replace(/(?:^|\n) *(?:> *){1,20}(?:[-–—]{1,2} ?)\S[^\n]*\n?$/, '');
    if (/[\p{L}\p{N}]/u.test(spoken)) quotes.push({ text: spoken.trimEnd(), start: from });
    from += paragraph.length;
  }
  return quotes;
}

/** Hides what may hold a quotation mark of its own: code spans, URLs, HTML tags. */
function shielded(text: string): string {
  const open = text.replace(/`[^`\n]{1,500}`|<\/?[a-zA-Z][^<>\n]{0,500}>/g, (piece) =>
    'x'.repeat(piece.length),
  );
  const pieces: string[] = [];
  let from = 0;
  for (const { text: url, start } of findUrls(open)) {
    pieces.push(open.slice(from, start), 'x'.repeat(url.length));
    from = start + url.length;
  }
  return pieces.join('') + open.slice(from);
}
