import type { CountTokens } from '../core/index.ts';

/**
 * Makes a counter of o200k_base tokens: exact up to 200,000 characters, then extrapolated from samples.
 * Special tokens in a text (`<|endoftext|>`) count as the plain text they are there.
 */
export async function createTokenCounter(): Promise<CountTokens> {
  const [{ GptEncoding }, ranks] = await Promise.all([
    import('gpt-tokenizer/GptEncoding'),
    import('gpt-tokenizer/bpeRanks/o200k_base'),
  ]);
  const encoding = GptEncoding.getEncodingApi('o200k_base', () => ranks.default);
  encoding.setMergeCacheSize(mergeCacheSize);
  const plain = { disallowedSpecial: new Set<string>() };
  const countPiece: CountTokens = (piece) => encoding.countTokens(piece, plain);
  return (text) =>
    text.length <= exactLengthMax ? countPieces(text, countPiece) : countSamples(text, countPiece);
}

/** Merges remembered. The tokenizer's own 100,000 make it five times slower once they are full (measured on base64). */
const mergeCacheSize = 2_000;

/** Characters counted one by one: half a second at worst (random Chinese, 2.7 s a megabyte). */
const exactLengthMax = 200_000;

/** Samples of a longer text. Together they are as long as `exactLengthMax`. */
const samplesNumber = 50;

/** Merging is quadratic in the length of a run of letters, so no piece is longer than this. */
const pieceLengthMax = 512;

function countSamples(text: string, countPiece: CountTokens): number {
  const length = exactLengthMax / samplesNumber;
  const gap = (text.length - length) / (samplesNumber - 1);
  let tokens = 0;
  for (let sample = 0; sample < samplesNumber; sample++) {
    const start = Math.round(sample * gap);
    tokens += countPieces(text.slice(start, start + length), countPiece);
  }
  return Math.round((tokens * text.length) / exactLengthMax);
}

function countPieces(text: string, countPiece: CountTokens): number {
  let tokens = 0;
  for (let start = 0; start < text.length; ) {
    const end = pieceEnd(text, start);
    tokens += countPiece(text.slice(start, end));
    start = end;
  }
  return tokens;
}

/** The latest place in the second half of a piece where the tokenizer would cut as well, or else a hard cut. */
function pieceEnd(text: string, start: number): number {
  const hard = start + pieceLengthMax;
  if (hard >= text.length) return text.length;
  for (let end = hard; end > start + pieceLengthMax / 2; end--) {
    if (isTokenBorder(text, end)) return end;
  }
  return isLowSurrogate(text.charCodeAt(hard)) ? hard - 1 : hard;
}

/** Before a single space that leads a word, and at the beginning of a line: no token of o200k_base crosses these. */
function isTokenBorder(text: string, position: number): boolean {
  const [before = '', here = '', after = ''] = [text[position - 1], text[position], text[position + 1]];
  if (here === ' ') return isWord(before) && isWord(after);
  return before === '\n' && isWord(here);
}

function isWord(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
