import { isQuantity } from './numbers.ts';

/** A name that code or a product goes by, as it stands in prose. */
export interface FoundName {
  readonly text: string;
  readonly start: number;
  /** What the source may call it. */
  readonly spellings: readonly string[];
  /** Code is compared letter by letter; product names are not. */
  readonly ignoreCase: boolean;
}

/**
 * Finds names that are plainly no words: packages, e-mail addresses, files, flags, snake_case, camelCase, `p95`.
 * Hyphenated words are left alone, because prose is full of them; as code they stand in code spans.
 */
export function findNames(text: string): readonly FoundName[] {
  return [...text.matchAll(namePattern)].flatMap((match) => {
    const name = match[0].replace(/[.-]+$/, '');
    const groups = match.groups ?? {};
    const spellings = spellingsOf(name, groups);
    const ignoreCase =
      groups['file'] !== undefined || groups['pascal'] !== undefined || groups['mixed'] !== undefined;
    return spellings.length === 0 ? [] : [{ text: name, start: match.index, spellings, ignoreCase }];
  });
}

function spellingsOf(name: string, groups: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (groups['file'] !== undefined) return fileSpellings(name);
  if (groups['mixed'] === undefined) return [name];
  return isName(name) ? mixedSpellings(name) : [];
}

/** `GPT-4`, `GPT 4` and `GPT4` are one name. */
function mixedSpellings(name: string): readonly string[] {
  const parts = /^([A-Za-z]+)-?(\d.*)$/.exec(name);
  if (parts === null) return [name];
  const [, letters, digits] = parts;
  return [`${letters}-${digits}`, `${letters}${digits}`, `${letters} ${digits}`];
}

/** `Node.js` is also plain Node; `./src/a.ts` is also `src/a.ts`. */
function fileSpellings(file: string): readonly string[] {
  const bare = file.replace(/^\.\//, '');
  const framework = /^([\p{L}]+)\.js$/iu.exec(bare);
  return framework?.[1] === undefined ? [bare] : [bare, framework[1]];
}

function isName(word: string): boolean {
  return /^v\d/i.test(word) || isQuantity(word) ? false : /\p{L}/u.test(word) && /\d/.test(word);
}

const extensions =
  'tsx?|jsx?|mjs|cjs|mts|cts|json|jsonl|ya?ml|toml|md|mdx|txt|csv|py|rb|go|rs|java|kt|swift|c|h|cpp|sh|sql|html|css|env|lock|xml|ini|cfg|conf|proto|pdf|png|svg|zip|tar\\.gz|sqlite|db|log|vue|svelte|ipynb|wasm';
const wordEdge = '(?<![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{N}_@./-])';
/** `Node.js 22` and `TypeScript 7` are read as one fact, by whoever reads numbers. */
const noVersion = '(?! (?:>=|≥|version |v)? ?\\d)';

const namePattern = new RegExp(
  [
    `(?<email>${wordEdge}[\\w.+-]{1,64}@[\\w-]{1,63}(?:\\.[\\w-]{1,63}){1,4})`,
    `(?<scoped>${wordEdge}@[a-z0-9][\\w.-]{0,100}\\/[a-z0-9][\\w.-]{0,100})`,
    `(?<file>${wordEdge}(?:\\.{1,2}\\/|[\\w.@-]{1,80}\\/){0,12}(?:[\\w@][\\w.-]{0,80})?\\.(?:${extensions})(?![\\w/]|\\.\\w)${noVersion})`,
    '(?<flag>(?<![\\p{L}\\p{N}_-])--[a-z][\\w-]{0,60})',
    `(?<snake>${wordEdge}(?:[A-Za-z0-9]{1,60}_){1,12}[A-Za-z0-9]{1,60}(?![\\w]))`,
    `(?<camel>${wordEdge}[a-z]{1,40}\\d*(?:[A-Z][a-z0-9]*){1,12}(?![\\w]))`,
    `(?<pascal>${wordEdge}(?:[A-Z][a-z0-9]+){2,10}[A-Z]{0,4}(?![\\p{Script=Latin}\\p{N}_])${noVersion})`,
    `(?<mixed>${wordEdge}(?:[A-Za-z]{1,20}-?\\d[A-Za-z0-9]*(?:\\.\\d+)*|\\d+[A-Za-z][A-Za-z0-9]*)(?![\\p{Script=Latin}\\p{N}_]))`,
  ].join('|'),
  'gu',
);
