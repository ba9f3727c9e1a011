/** Words that say that something is a file, but not which. */
const genericWords: readonly string[] = [
  'path',
  'file',
  'filename',
  'filepath',
  'name',
  'document',
  'doc',
  'the',
  'of',
  'to',
  'a',
];

/**
 * The files that a name means best: `source` means `source.md`, `draft` means all in `drafts/`.
 * Where the name means none, the words of the description decide. Empty when neither does.
 */
export function fitFiles(name: string, description: string, files: readonly string[]): readonly string[] {
  const byName = best(wordsOf(name), files);
  return byName.length > 0 ? byName : best(wordsOf(description), files);
}

/** Says whether a name or description speaks of a file at all. */
export function speaksOfFile(name: string, description: string): boolean {
  const words = new Set([...wordsOf(name, true), ...wordsOf(description, true)]);
  return ['path', 'file', 'filename', 'filepath', 'draft', 'source', 'document', 'doc'].some((word) =>
    words.has(word),
  );
}

function best(words: readonly string[], files: readonly string[]): readonly string[] {
  const scores = files.map((file) => Math.max(0, ...words.map((word) => scoreOf(word, file))));
  const highest = Math.max(0, ...scores);
  return highest === 0 ? [] : files.filter((_, index) => scores[index] === highest);
}

/** The file's own name counts more than a word in it, and that more than its folder. */
function scoreOf(word: string, file: string): number {
  const segments = file.toLowerCase().split('/');
  const base = (segments.pop() ?? '').replace(/\.[^.]*$/, '');
  if (singular(base) === word) return 3;
  if (wordsOf(base).includes(word)) return 2;
  return segments.some((segment) => wordsOf(segment).includes(word)) ? 1 : 0;
}

function wordsOf(text: string, withGeneric = false): readonly string[] {
  const words =
    text
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map(singular).filter((word) => withGeneric || !genericWords.includes(word));
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
