/** What a character counts as; runs of one kind become tokens together. */
type Kind = 'letter' | 'digit' | 'space' | 'newline' | 'mark' | 'foreign' | 'wide';

/**
 * Estimates the tokens of a text without a tokenizer: in microseconds, and always the same for the same text.
 * Within about 15 % of o200k_base for prose, code, JSON and listings; random text and rare scripts are farther off.
 * For sizes that a provider's own figures correct later; what is cut, budgeted or shown to people is counted.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let at = 0;
  while (at < text.length) {
    const kind = kindOf(text.charCodeAt(at));
    let end = at + 1;
    while (end < text.length && kindOf(text.charCodeAt(end)) === kind && !beginsWord(text, end)) end += 1;
    tokens += tokensOfRun(kind, end - at);
    at = end;
  }
  return Math.ceil(tokens);
}

/** A capital behind a small letter, as in `camelCase`. */
function beginsWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 65 && code <= 90 && text.charCodeAt(at - 1) >= 97;
}

function kindOf(code: number): Kind {
  if (code < 128) return asciiKindOf(code);
  // From here on in the tables of Unicode: CJK, kana and hangul, and what pairs of surrogates stand for.
  return code >= 0x2e80 ? 'wide' : 'foreign';
}

function asciiKindOf(code: number): Kind {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return 'letter';
  if (code >= 48 && code <= 57) return 'digit';
  if (code === 32 || code === 9) return 'space';
  return code === 10 || code === 13 ? 'newline' : 'mark';
}

/** Rates fitted to o200k_base; its words are about six letters, three digits or two marks long. */
function tokensOfRun(kind: Kind, length: number): number {
  switch (kind) {
    case 'letter':
      return length <= 7 ? 1 : length / 6;
    case 'digit':
      return Math.ceil(length / 3);
    // One space belongs to the word behind it; indents are tokens of their own.
    case 'space':
      return length === 1 ? 0 : 1;
    // Line ends, and many a mark, are one token with the mark before them.
    case 'newline':
      return 0.6;
    case 'mark':
      return length === 1 ? 0.8 : length / 2;
    case 'foreign':
      return length / 4;
    case 'wide':
      return length * 0.75;
  }
}
