/** Places of a vector that each word pushes: enough that two texts rarely meet by chance. */
const placesPerWord = 8;

/**
 * Makes a vector of length 1 of a text, by hashing: each word pushes a few places up or down, by how often it occurs.
 * Texts that share words are near each other, others are not; synonyms are strangers. Equal texts give equal vectors.
 */
export function embedText(text: string, dimensions: number): Float32Array {
  return embedWords(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text], dimensions);
}

/** Makes a vector as `embedText` does, of words that were found already. */
export function embedWords(words: readonly string[], dimensions: number): Float32Array {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sums = new Float64Array(dimensions);
  for (const [word, count] of counts) {
    let hash = hashOf(word);
    for (let place = 0; place < placesPerWord; place += 1) {
      hash = mixed(hash);
      const at = (hash >>> 1) % dimensions;
      sums[at] = (sums[at] ?? 0) + (hash & 1 ? 1 : -1) * (1 + Math.log(count));
    }
  }
  const length = Math.sqrt(sums.reduce((sum, value) => sum + value * value, 0)) || 1;
  return Float32Array.from(sums, (value) => value / length);
}

/** FNV-1a over UTF-16 units, 32 bits: quick, and spread well enough for words. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3 over a Weyl step: the next of a word's places. */
function mixed(hash: number): number {
  let next = (hash + 0x9e3779b9) | 0;
  next = Math.imul(next ^ (next >>> 16), 0x85ebca6b);
  next = Math.imul(next ^ (next >>> 13), 0xc2b2ae35);
  return (next ^ (next >>> 16)) >>> 0;
}
