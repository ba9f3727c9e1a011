import type { CacheLife, PrefixUse } from '../../core/index.ts';
import { cacheTermsOf, readFactor } from './cache-lives.ts';
import { createRecent } from './recent.ts';

/** Remembers how soon prefixes are used again, which tells how long to keep them. */
export interface Reuse {
  /** Notes a request that began with these prefixes. `conversation` tells requests apart that follow one another. */
  note(use: NotedUse): void;
  /** The cheaper of both lives, as far as is known; null where nobody will read the prefix. */
  lifeOf(use: PrefixUse): CacheLife | null;
}

/** One request, as its prefixes see it; these by `prefixKey`. */
export interface NotedUse {
  readonly model: string;
  /** Those that end at a mark. */
  readonly marked: readonly string[];
  /** The whole static part. */
  readonly whole: string;
  readonly conversation: string;
}

/** Names a prefix at a model. */
export function prefixKey(model: string, prefix: string): string {
  return `${model} ${prefix}`;
}

/** Makes a memory that knows nothing. It forgets what was unused for longest. */
export function createReuse(now: () => number): Reuse {
  const lastUses = createRecent<number>(prefixesMax);
  const shared = createRecent<Gaps>(prefixesMax);
  const waiting = createRecent<Gaps>(prefixesMax);

  /** Counts the time since a key was used last. The first use of anything tells nothing. */
  function noteGap(key: string, model: string, gaps: () => Gaps): void {
    const [lastMs, nowMs] = [lastUses.get(key), now()];
    lastUses.set(key, nowMs);
    if (lastMs !== undefined) count(gaps(), nowMs - lastMs, model);
  }

  return {
    note({ model, marked, whole, conversation }) {
      for (const key of marked) noteGap(key, model, () => shared.getOrSet(key, noGaps));
      noteGap(`${whole} ${conversation}`, model, () => waiting.getOrSet(whole, noGaps));
    },
    lifeOf({ model, prefix, kind }) {
      if (kind === 'once') return null;
      if (kind === 'turns') return 'short';
      const gaps = (kind === 'shared' ? shared : waiting).get(prefixKey(model, prefix));
      if (kind === 'shared') return gaps === undefined ? 'short' : cheaper(withFirst(gaps), model, 0);
      // A lead waits for whole agents: minutes, as a rule.
      return gaps === undefined ? 'long' : cheaper(gaps, model, tailShare);
    },
  };
}

/** Prefixes and conversations remembered of each sort: a process has a few of either for each of its teams' agents. */
const prefixesMax = 2_000;

/** How often a prefix was used again: while the short life lasts, while only the long one does, later. */
interface Gaps {
  short: number;
  long: number;
  none: number;
}

function noGaps(): Gaps {
  return { short: 0, long: 0, none: 0 };
}

function count(gaps: Gaps, gapMs: number, model: string): void {
  const terms = cacheTermsOf(model);
  if (gapMs < terms.short.keptMs * safeShare) gaps.short += 1;
  else if (gapMs < terms.long.keptMs * safeShare) gaps.long += 1;
  else gaps.none += 1;
  // What was long ago counts half, so that a new habit is learned; frequent uses alone make nothing old.
  if (gaps.long + gaps.none < halvedAt) return;
  gaps.short /= 2;
  gaps.long /= 2;
  gaps.none /= 2;
}

/** Four of five minutes: a gap that came so near the end may miss it the next time. */
const safeShare = 0.8;

/** Enough gaps to tell a habit from an accident. */
const halvedAt = 32;

/** What a turn adds to a conversation, as a share of it: a tenth, for conversations of ten turns. */
const tailShare = 0.1;

/** The first writing of a prefix is paid at either rate too. */
function withFirst(gaps: Gaps): Gaps {
  return { ...gaps, none: gaps.none + 1 };
}

/** `tail`: what each request writes in addition, as a share of the prefix. */
function cheaper({ short, long, none }: Gaps, model: string, tail: number): CacheLife {
  const terms = cacheTermsOf(model);
  const cost = (life: CacheLife, kept: number, lost: number): number => {
    const { writeFactor } = terms[life];
    return kept * (readFactor + tail * writeFactor) + lost * (1 + tail) * writeFactor;
  };
  return cost('long', short + long, none) < cost('short', short, long + none) ? 'long' : 'short';
}
