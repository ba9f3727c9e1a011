/** Stands where something was that must not be shown. */
export const redacted = '[redacted]';

/**
 * Takes out of a text what looks like a secret: well-known keys, values beside words such as `password`, and long
 * tokens that look random. Rather too much than too little; ids and hashes go, too.
 */
export function redactSecrets(text: string): string {
  const named = namedValues.reduce(
    (rest, pattern) => rest.replace(pattern, (_, name: string) => `${name}${redacted}`),
    text,
  );
  const known = knownKeys.reduce((rest, pattern) => rest.replace(pattern, redacted), named);
  return known.replace(/[\w+=~-]{20,}/g, (token) => (looksRandom(token) ? redacted : token));
}

/** What stands before a value, captured, and the value. */
const namedValues: readonly RegExp[] = [
  /\b((?:bearer|basic)\s+)[^\s"'`,;]{8,}/gi,
  // A word that says what follows, then `=`, `:` or `is`.
  /((?:pass(?:word|wd|phrase|code)|pwd|secret|token|credentials?|authorization|api[_ -]?key|\w*key)["'`]?\s*(?:[:=]+>?|\b(?:is|are|was)\b)\s*["'`]?)(?!\[redacted\])[^\s"'`,;]+/gi,
  // Without those: only what is no ordinary word.
  /(\b(?:password|passphrase|pwd|secret|token)\s+["'`]?)(?=[^\s"'`,;]*\d)(?!\[redacted\])[^\s"'`,;]{4,}/gi,
  // Credentials in an address: https://user:password@host
  /(:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/g,
];

/** Prefixes by which providers mark their keys. */
const knownKeys: readonly RegExp[] = [
  /\b[spr]k[-_][\w-]{6,}/g,
  /\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|AIza|AKIA|ASIA|hf_|eyJ)[\w.-]{8,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)/g,
];

/** In words and names letters and digits stand in blocks; in random tokens kinds change every other character. */
function looksRandom(token: string): boolean {
  const kinds = [...token].map(kindOf);
  const changes = (between: (a: string, b: string) => boolean): number =>
    kinds.filter((kind, index) => index > 0 && between(kinds[index - 1] ?? kind, kind)).length;
  const withDigits = changes((a, b) => a !== b && (a === 'digit' || b === 'digit') && a !== '' && b !== '');
  const all = changes((a, b) => a !== b && a !== '' && b !== '');
  return withDigits >= digitChangesMin || all > token.length / allChangesShare;
}

/** Random base62 of 20 characters has five such changes; a model's name or a version has one or two. */
const digitChangesMin = 3;

/** `aCamelCaseNameOfManyWords` changes about once in three characters, random text about every second. */
const allChangesShare = 2.5;

function kindOf(character: string): string {
  if (/\d/.test(character)) return 'digit';
  if (/[a-z]/.test(character)) return 'lower';
  return /[A-Z]/.test(character) ? 'upper' : '';
}
