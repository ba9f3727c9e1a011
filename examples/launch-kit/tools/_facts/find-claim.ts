import type { Claim } from './claim.ts';
import { findNamedVersions, isKnownName } from './named-versions.ts';
import { foldProse, gluedScripts, lineAt } from './normal-text.ts';
import type { Quantity } from './numbers.ts';
import { type Occurrence, type SourceIndex, sourceLine, straight } from './source-index.ts';
import { unitOf } from './units.ts';

/** Looks a claim up. Gives the source's line (from 1) that states it, or null. */
export function findClaim(index: SourceIndex, { form }: Claim): number | null {
  switch (form.type) {
    case 'words':
      return findWords(index, form);
    case 'quote':
      return findQuote(index, form.parts);
    case 'url':
      return findUrl(index, form.key);
    case 'version':
      return findVersion(index, form.version);
    case 'quantities':
      return findQuantities(index, form.quantities, form.name);
  }
}

function findWords(
  index: SourceIndex,
  { spellings, ignoreCase }: { readonly spellings: readonly string[]; readonly ignoreCase: boolean },
): number | null {
  const { text, lineStarts } = ignoreCase ? index.prose : index.exact;
  for (const spelling of spellings) {
    const at = indexOfWord(text, ignoreCase ? foldProse(spelling) : straight(spelling));
    if (at !== -1) return lineAt(lineStarts, at);
  }
  return null;
}

/** The earliest place of each part leaves the most room for the next one, so the first way found is the only one needed. */
function findQuote({ prose }: SourceIndex, parts: readonly string[]): number | null {
  let from = 0;
  let first: number | null = null;
  for (const part of parts) {
    const at = indexOfWord(prose.text, part, from);
    if (at === -1) return null;
    first ??= at;
    from = at + part.length;
  }
  return first === null ? null : lineAt(prose.lineStarts, first);
}

function findUrl(index: SourceIndex, key: string): number | null {
  const url = index.urls.get(key);
  if (url !== undefined) return sourceLine(index, url.start);
  return findWords(index, { spellings: [key], ignoreCase: false });
}

function findVersion(index: SourceIndex, version: string): number | null {
  const at = index.versions.get(version);
  if (at !== undefined) return sourceLine(index, at);
  const spellings = ['version', 'release', 'v', 'v.'].map((word) => `${word} ${version}`);
  return findWords(index, { spellings, ignoreCase: true });
}

function findQuantities(
  index: SourceIndex,
  quantities: readonly Quantity[],
  name: string | null,
): number | null {
  const [first] = quantities;
  if (name !== null && first !== undefined) {
    const digits = first.text.replace(/[^\d.]/g, '');
    const versions = findNamedVersions(index.text, name);
    const match = versions.find(({ version }) => version === digits || version.startsWith(`${digits}.`));
    if (match !== undefined) return sourceLine(index, match.offset);
    // Another version of the same thing, however often the bare number stands elsewhere.
    if (isKnownName(name) || (/^\p{Lu}/u.test(name) && versions.some(({ version }) => version.includes('.'))))
      return null;
  }
  const lines = quantities.map((quantity) => findQuantity(index, quantity));
  return lines.includes(null) ? null : (lines[0] ?? null);
}

function findQuantity(index: SourceIndex, { values, unit, text }: Quantity): number | null {
  const places = values.flatMap((value) => index.quantities.get(value) ?? []);
  const place =
    places.find((found) => found.unit === unit) ??
    places.find((found) => unit === null || (found.unit === null && isUnitNear(index.text, found, unit)));
  if (place !== undefined) return sourceLine(index, place.start);
  const version = unit === null && /^\d+\.\d+$/.test(text) ? index.versions.get(text) : undefined;
  return version === undefined ? null : sourceLine(index, version);
}

/** A table's head or a heading may carry the unit for a bare number: the unit without a number, in the same block. */
function isUnitNear(text: string, { start, end }: Occurrence, unit: string): boolean {
  const from = Math.max(0, start - blockCharactersMax, text.lastIndexOf('\n\n', start));
  const stop = text.indexOf('\n\n', end);
  const block = text.slice(from, Math.min(stop === -1 ? text.length : stop, end + blockCharactersMax));
  return [...block.matchAll(/(?<![\d.,]|\d[ -])(?:[%‰$€£¥₹]|\p{L}+)/gu)].some(
    ([word]) => unitOf(word) === unit,
  );
}

const blockCharactersMax = 2_000;

/** Finds words that stand alone: `run` not in `running`, `--dry` not in `--dry-run`, `1.2` not in `1.2.3`. */
export function indexOfWord(text: string, words: string, from = 0): number {
  if (words === '') return -1;
  let at = text.indexOf(words, from);
  for (let tries = 0; at !== -1 && tries < triesMax; tries += 1) {
    if (startsAlone(text, words, at) && endsAlone(text, words, at + words.length)) return at;
    at = text.indexOf(words, at + 1);
  }
  return -1;
}

/** A word that stands inside others ten thousand times is as good as not there. */
const triesMax = 10_000;

const letter = new RegExp(`(?![${gluedScripts}])[\\p{L}\\p{N}_]`, 'u');
const joined = /[-_./@]/;

function startsAlone(text: string, words: string, at: number): boolean {
  const before = text[at - 1] ?? '';
  const first = words[0] ?? '';
  if (before === '') return true;
  if (letter.test(before) && letter.test(first)) return false;
  if (/\d/.test(first) && /[.,]/.test(before) && /\d/.test(text[at - 2] ?? '')) return false;
  return !(before === '-' && joined.test(words));
}

function endsAlone(text: string, words: string, end: number): boolean {
  const after = text[end] ?? '';
  const last = words.at(-1) ?? '';
  if (after === '') return true;
  if (letter.test(last) && letter.test(after)) return false;
  const next = text[end + 1] ?? '';
  if (/\d/.test(last) && /[.,]/.test(after) && /\d/.test(next)) return false;
  return !(after === '-' && joined.test(words) && letter.test(next));
}
