/**
 * Cuts a text to a length, at the end of a word if possible.
 * `lengthMax` counts UTF-16 units.
 * Always a prefix of the text; never splits a grapheme, so a single one that is too long gives ''.
 */
export function cutAtWord(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const head = cutAtGrapheme(text, lengthMax);
  if (/\s/.test(text.charAt(head.length))) return head.trimEnd();
  const space = lastSpace(head);
  // Where the script sets no spaces, the last one may be far away and words end anywhere.
  const isSpaced = !isUnspaced(text.slice(Math.max(0, head.length - 2), head.length + 2));
  if (space > 0 && (isSpaced || space > head.length / 2)) return head.slice(0, space).trimEnd();
  return cutAtSegment(text, head.length);
}

/** Counts words in any script: runs of letters, or two characters where a script sets no spaces. */
export function countWords(text: string): number {
  let words = 0;
  for (const [run] of text.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
    words += isUnspaced(run) ? Math.ceil(run.length / 2) : 1;
  }
  return words;
}

/** Says whether a run of letters is of a script without spaces. */
export function isUnspaced(run: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(
    run,
  );
}

/** The longest run of whole pieces within the length. The slice is a little longer so that its end is seen whole. */
function cutAtGrapheme(text: string, lengthMax: number): string {
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const from = Math.max(0, lengthMax - graphemeLookback);
  const start = isLowSurrogate(text, from) ? from - 1 : from;
  const window = text.slice(start, lengthMax + graphemeLookback);
  let end = 0;
  for (const { index, segment } of graphemes.segment(window)) {
    if (start + index + segment.length > lengthMax) break;
    end = index + segment.length;
  }
  return text.slice(0, start + end);
}

/** No emoji sequence in use is longer than this, so the window sees where a grapheme starts. */
const graphemeLookback = 64;

function cutAtSegment(text: string, lengthMax: number): string {
  const words = new Intl.Segmenter('und', { granularity: 'word' });
  const from = Math.max(0, lengthMax - graphemeLookback);
  const start = isLowSurrogate(text, from) ? from - 1 : from;
  let end = 0;
  for (const { index, segment } of words.segment(text.slice(start, lengthMax + graphemeLookback))) {
    if (start + index + segment.length > lengthMax) break;
    end = index + segment.length;
  }
  return end === 0 ? text.slice(0, lengthMax) : text.slice(0, start + end).trimEnd();
}

function lastSpace(text: string): number {
  const match = /\s\S*$/.exec(text.slice(-400));
  return match === null ? -1 : Math.max(0, text.length - 400) + match.index;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
