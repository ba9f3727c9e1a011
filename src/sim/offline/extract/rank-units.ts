import { countFacts, termsOf } from './terms.ts';
import type { Extract } from './unit.ts';

/** More than any artifact holds. Beyond it, only sources that have no piece yet get one. */
const rankedMax = 200;
/** Pieces that share this much of their terms say the same. */
const repeatShare = 0.7;

interface Weighed {
  readonly extract: Extract;
  readonly terms: ReadonlySet<string>;
  readonly score: number;
}

/**
 * Orders pieces by how telling they are. Those that repeat a better one are left out.
 * What counts: terms that the texts keep coming back to, nearness to a start or heading, facts, a readable
 * length, and the reader's interests, so that two readers of the same texts do not get the same.
 */
export function rankUnits(extracts: readonly Extract[], interests: string): readonly Extract[] {
  const termSets = extracts.map(({ text }) => new Set(termsOf(text)));
  const weights = termWeights(termSets);
  const wanted = interestWeights(interests);
  const taste = hashOf(interests);
  const starts = new Map(extracts.toReversed().map(({ path, place }) => [path, place]));
  const weighed = extracts.map((extract, index): Weighed => {
    const terms = termSets[index] ?? new Set<string>();
    const sinceStart = extract.place - (starts.get(extract.path) ?? 0);
    const parts = { terms, weights, wanted, sinceStart, sinceHeading: sinceHeading(extracts, index) };
    return { extract, terms, score: scoreOf(extract, parts) + tasteOf(extract.text, taste) };
  });
  const readable = weighed.filter(({ extract }) => extract.kind !== 'heading');
  const candidates = readable.length > 0 ? readable : weighed;
  return distinct(candidates.sort((a, b) => b.score - a.score || a.extract.place - b.extract.place));
}

interface ScoreParts {
  readonly terms: ReadonlySet<string>;
  readonly weights: ReadonlyMap<string, number>;
  readonly wanted: ReadonlySet<string>;
  /** Pieces since the start of its source. */
  readonly sinceStart: number;
  readonly sinceHeading: number;
}

const kindScores: Readonly<Record<Extract['kind'], number>> = {
  sentence: 0.3,
  item: 0.35,
  row: 0.1,
  code: 0,
  heading: 0,
};

/** A sentence that does not end was cut somewhere. */
const endsWhole = /[.!?…。！？।؟:]["'”’»」)\]*_`]*$/u;
const fragmentScore = -0.5;

function scoreOf(
  { text, kind }: Extract,
  { terms, weights, wanted, sinceStart, sinceHeading }: ScoreParts,
): number {
  let central = 0;
  let shared = 0;
  for (const term of terms) {
    const weight = weights.get(term) ?? 0;
    central += weight;
    if (weight > 0 && wanted.has(term)) shared += 1;
  }
  const breadth = Math.sqrt(terms.size + 4);
  const length = terms.size < 4 ? -0.6 : terms.size > 60 ? -0.4 : 0;
  const command =
    kind === 'code' && /^(?:\$ |npm |npx |pip |cargo |go |git |curl |docker |brew )/.test(text) ? 0.5 : 0;
  return (
    (0.6 * central) / breadth +
    (1.2 * shared) / breadth +
    0.25 * Math.min(3, countFacts(text)) +
    0.6 / (1 + sinceStart / 8) +
    0.4 / (1 + sinceHeading) +
    kindScores[kind] +
    command +
    length +
    (kind === 'sentence' && !endsWhole.test(text) ? fragmentScore : 0)
  );
}

/** How often a term comes back, damped; terms that stand everywhere weigh nothing. */
function termWeights(termSets: readonly ReadonlySet<string>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const terms of termSets) for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  const everywhere = Math.max(6, termSets.length * 0.2);
  return new Map([...counts].map(([term, count]) => [term, count > everywhere ? 0 : Math.log2(1 + count)]));
}

/** Long prompts need no more than this to show what they are about. */
const interestCharactersMax = 60_000;

function interestWeights(interests: string): ReadonlySet<string> {
  return new Set(termsOf(interests.slice(0, interestCharactersMax)));
}

function sinceHeading(extracts: readonly Extract[], index: number): number {
  for (let back = 1; back <= 4; back += 1) {
    const before = extracts[index - back];
    if (before === undefined || before.kind === 'heading') return back - 1;
  }
  return 4;
}

/** Goes down the order; a piece stays when none above it says the same. The best of each source always has room. */
function distinct(ordered: readonly Weighed[]): readonly Extract[] {
  const kept: Weighed[] = [];
  const texts = new Set<string>();
  const sources = new Set<string>();
  for (const weighed of ordered) {
    const { path, text } = weighed.extract;
    const folded = text.toLowerCase();
    if ((kept.length >= rankedMax && sources.has(path)) || texts.has(folded)) continue;
    texts.add(folded);
    if (kept.some(({ terms }) => overlap(terms, weighed.terms) > repeatShare)) continue;
    kept.push(weighed);
    sources.add(path);
  }
  return kept.map(({ extract }) => extract);
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let both = 0;
  for (const term of small) if (large.has(term)) both += 1;
  return both / (a.size + b.size - both);
}

/** A small leaning of each reader, from 0 to 0.4: it decides between pieces that are about as telling. */
function tasteOf(text: string, taste: number): number {
  return (((hashOf(text) ^ taste) >>> 0) % 1009) / 1009 / 2.5;
}

/** FNV-1a over UTF-16 units: fast, and the same everywhere. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
