import { isUnspaced } from './cut-text.ts';

/**
 * The terms by which texts are compared, lowercased, with repeats.
 * Pairs of characters stand in for words where a script sets no spaces; words of one or two letters are left out.
 */
export function termsOf(text: string): readonly string[] {
  const terms: string[] = [];
  for (const [run] of text.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
    if (isUnspaced(run)) terms.push(...pairsOf(run));
    else if (run.length > 2 || /\p{N}/u.test(run)) terms.push(stemOf(run.toLowerCase()));
  }
  return terms;
}

/** How many facts a sentence states: numbers, versions, URLs, code, flags, names with inner capitals. */
export function countFacts(text: string): number {
  return text.match(factPattern)?.length ?? 0;
}

/** Longest alternatives first; every repetition is bounded, so that no line can make it slow. */
const factPattern =
  /https?:\/\/[^\s<>()]{3,200}|`[^`\n]{1,120}`|\bv?\d[\d.,:]{0,20}%?|(?<![\w-])--[a-z][\w-]{1,40}|\b[a-z]{1,30}[A-Z][A-Za-z]{1,40}\b|\b[a-z]{1,30}_[a-z_]{1,40}\b/g;

function pairsOf(run: string): readonly string[] {
  const characters = [...run];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** Just enough that a plural meets its singular. */
function stemOf(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
