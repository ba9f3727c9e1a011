import type { Claim } from './claim.ts';
import { findNamedVersions } from './named-versions.ts';
import { flatten, foldProse, gluedScripts, lineAt } from './normal-text.ts';
import type { Quantity } from './numbers.ts';
import { type Occurrence, type SourceIndex, sourceLine } from './source-index.ts';

/** The place in the source that a missing claim most likely garbles. */
export interface Nearest {
  /** Line of the source, from 1. */
  readonly line: number;
  /** What stands there, at most 120 characters. */
  readonly text: string;
}

/** Finds what in the source comes nearest to a claim that is not there; null when nothing is like it. */
export function findNearest(index: SourceIndex, { kind, text, form }: Claim): Nearest | null {
  switch (form.type) {
    case 'quantities':
      return nearestVersion(index, form.name) ?? nearestQuantity(index, form.quantities, form.around);
    case 'url':
      return nearestOf(
        [...index.urls]
          .slice(0, candidatesMax)
          .map(([key, { start, text: url }]) => ({ key, start, text: url })),
        form.key,
        index,
      );
    case 'version':
      return nearestOf(
        [...index.versions].slice(0, candidatesMax).map(([key, start]) => ({ key, start, text: key })),
        form.version,
        index,
      );
    case 'quote':
      return nearestLine(index, form.parts.join(' '));
    case 'words':
      if (kind === 'number') return nearestLine(index, text);
      return nearestName(index, form.spellings[0] ?? text) ?? nearestLine(index, text);
  }
}

/** Candidates that one missing claim is compared with: some milliseconds of work. */
const candidatesMax = 2_000;
const charactersMax = 120;

/** `Node 20` where the source says `Node 22`: what the source says of Node. */
function nearestVersion(index: SourceIndex, name: string | null): Nearest | null {
  if (name === null || !/^\p{Lu}/u.test(name)) return null;
  const [version] = findNamedVersions(index.text, name);
  if (version === undefined) return null;
  return { line: sourceLine(index, version.offset), text: excerpt(index, version.offset) };
}

/** The number that stands in the same company: shared words weigh most, then the unit, then the value. */
function nearestQuantity(
  index: SourceIndex,
  quantities: readonly Quantity[],
  around: string,
): Nearest | null {
  const [claimed] = quantities;
  if (claimed === undefined) return null;
  const context = wordsOf(around);
  let best: { readonly place: Occurrence; readonly score: number } | null = null;
  let seen = 0;
  for (const places of index.quantities.values()) {
    for (const place of places) {
      seen += 1;
      const score = likeness(index.text, { claimed, context, place });
      if (score >= 0.9 && (best === null || score > best.score)) best = { place, score };
    }
    if (seen > candidatesMax) break;
  }
  return best === null
    ? null
    : { line: sourceLine(index, best.place.start), text: excerpt(index, best.place.start) };
}

function likeness(
  text: string,
  {
    claimed,
    context,
    place,
  }: { readonly claimed: Quantity; readonly context: readonly string[]; readonly place: Occurrence },
): number {
  const company = foldProse(text.slice(Math.max(0, place.start - 80), place.end + 80));
  const shared = context.filter((word) => company.includes(word)).length;
  const a = Number(claimed.values[0]);
  const b = Number(place.value);
  const closeness = a === b ? 1 : Math.min(a, b) / Math.max(a, b, Number.MIN_VALUE);
  const sameUnit = claimed.unit !== null && claimed.unit === place.unit ? 0.5 : 0;
  return (2 * shared) / Math.max(3, context.length) + sameUnit + 0.5 * closeness;
}

function nearestName(index: SourceIndex, name: string): Nearest | null {
  const candidates = new Map<string, number>();
  for (const match of index.text.matchAll(namePattern)) {
    const candidate = match[1] ?? match[0];
    if (!candidates.has(candidate)) candidates.set(candidate, match.index);
    if (candidates.size === candidatesMax) break;
  }
  const all = [...candidates].map(([key, start]) => ({ key, start, text: key }));
  return nearestOf(all, name, index);
}

/** Code spans, joined words, camelCase, and words with a capital. */
const namePattern =
  /`([^`\n]{1,80})`|(?<![\w-])-{0,2}@?\w{1,60}(?:[-_./@]{1,3}\w{1,60}){1,8}|\b[a-z]{1,40}[A-Z]\w{0,60}|\b[A-Z]\w{1,60}/g;

interface Candidate {
  readonly key: string;
  readonly text: string;
  readonly start: number;
}

/** The candidate that shares most pairs of characters, when at least half are shared. */
function nearestOf(candidates: readonly Candidate[], wanted: string, index: SourceIndex): Nearest | null {
  const pairs = pairsOf(wanted.toLowerCase());
  let best: { readonly candidate: Candidate; readonly score: number } | null = null;
  for (const candidate of candidates) {
    const score = shareOf(pairs, pairsOf(candidate.key.toLowerCase()));
    if (score >= 0.5 && (best === null || score > best.score)) best = { candidate, score };
  }
  if (best === null) return null;
  return { line: sourceLine(index, best.candidate.start), text: best.candidate.text.slice(0, charactersMax) };
}

function pairsOf(text: string): ReadonlySet<string> {
  const padded = ` ${text} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, at) => padded.slice(at, at + 2)));
}

function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  return (2 * shared) / (a.size + b.size);
}

/** The line on which most of the text's longer words meet; at least two, and two in five. */
function nearestLine(index: SourceIndex, text: string): Nearest | null {
  const words = wordsOf(text);
  const meetings = new Map<number, number>();
  for (const word of words) {
    for (const line of linesWith(index, word)) meetings.set(line, (meetings.get(line) ?? 0) + 1);
  }
  const [best] = [...meetings].sort(([lineA, a], [lineB, b]) => b - a || lineA - lineB);
  if (best === undefined || best[1] < Math.max(2, words.length * 0.4)) return null;
  const [line] = best;
  return { line, text: excerpt(index, index.lineStarts[line - 1] ?? 0) };
}

function linesWith({ prose }: SourceIndex, word: string): ReadonlySet<number> {
  const lines = new Set<number>();
  let at = prose.text.indexOf(word);
  for (let hits = 0; at !== -1 && hits < 50; hits += 1) {
    lines.add(lineAt(prose.lineStarts, at));
    at = prose.text.indexOf(word, at + word.length);
  }
  return lines;
}

const wordPattern = new RegExp(`[${gluedScripts}]{2}|(?:(?![${gluedScripts}])[\\p{L}\\p{N}]){3,}`, 'gu');

/** The ten longest words; of a text without spaces, pairs of characters. */
function wordsOf(text: string): readonly string[] {
  const words = flatten(foldProse(text)).text.match(wordPattern) ?? [];
  return [...new Set(words)].sort((a, b) => b.length - a.length).slice(0, 10);
}

/** The source's line around an offset, shortened to what can be read at a glance. */
function excerpt({ text, lineStarts }: SourceIndex, offset: number): string {
  const line = lineAt(lineStarts, offset);
  const start = lineStarts[line - 1] ?? 0;
  const end = (lineStarts[line] ?? text.length + 1) - 1;
  const from =
    end - start <= charactersMax ? start : Math.max(start, Math.min(offset - 40, end - charactersMax));
  const cut = text.slice(from, Math.min(end, from + charactersMax)).trim();
  return `${from > start ? '…' : ''}${cut}${from + charactersMax < end ? '…' : ''}`;
}
