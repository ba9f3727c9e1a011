import type { CountTokens } from '../../../core/index.ts';

/** The longest beginning of a text that has at most so many tokens. */
export function headOfTokens(text: string, tokensMax: number, countTokens: CountTokens): string {
  if (tokensMax <= 0) return '';
  if (countTokens(text) <= tokensMax) return text;
  // Halving looks at few lengths; what fits is never longer than what did not.
  let fits = 0;
  let tooLong = text.length;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (countTokens(headOf(text, middle)) <= tokensMax) fits = middle;
    else tooLong = middle;
  }
  return headOf(text, fits);
}

/** Half of a surrogate pair is no text. */
function headOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
