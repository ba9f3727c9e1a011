import type { CacheLife, CachePolicy, CountTokens, PrefixUse, SystemBlock } from '../core/index.ts';
import type { StaticPrefix } from './static-prefix.ts';

/** Where a lane's requests are cached and how long; null where they are not. Decided once for an agent run. */
export interface CacheMarks {
  /** The static part with its two marks: the same objects in every request of the lane. */
  readonly system: readonly SystemBlock[];
  /** Of the agent's whole static part. */
  readonly own: CacheLife | null;
  /** Of the newest messages. */
  readonly rolling: CacheLife | null;
  /** Shorter prefixes carry no mark, in the model's tokens. 0 where nothing is known. */
  readonly tokensMin: number;
}

/** What the marks of a lane depend on. */
export interface MarksOptions {
  /** `provider/name` of the model that answers. */
  readonly model: string;
  readonly caching: CachePolicy;
  readonly countTokens: CountTokens;
  /** How the newest messages are going to be used. */
  readonly rolling: Exclude<PrefixUse['kind'], 'shared'>;
}

/**
 * Decides a lane's marks: after what agents share, after the agent's own static part, and rolling at the newest
 * messages. Never on a prefix below the model's minimum, and never a long mark after a short one.
 */
export function planMarks(prefix: StaticPrefix, options: MarksOptions): CacheMarks {
  const { model, caching, countTokens } = options;
  const tokensMin = caching.prefixTokensMin(model) ?? 0;
  const factor = caching.tokenFactor(model);
  const tokens = prefix.tokens(countTokens);
  const lifeOf = (kind: PrefixUse['kind'], hash: string): CacheLife | null =>
    caching.lifeOf({ model, prefix: hash, kind });
  const { sharedBlocks, system, hash, sharedHash } = prefix;
  const hasShared = sharedBlocks > 0 && sharedBlocks < system.length && tokens.shared * factor >= tokensMin;
  const hasOwn = system.length > 0 && tokens.total * factor >= tokensMin;
  const rolling = lifeOf(options.rolling, hash);
  const own = atLeast(hasOwn ? lifeOf('shared', hash) : null, rolling);
  const shared = atLeast(hasShared ? lifeOf('shared', sharedHash) : null, longer(own, rolling));
  return { system: prefix.marked({ shared, own }), own, rolling, tokensMin };
}

/** A prefix is kept at least as long as what extends it: providers refuse a long mark after a short one. */
function atLeast(life: CacheLife | null, later: CacheLife | null): CacheLife | null {
  return life !== null && later === 'long' ? 'long' : life;
}

function longer(a: CacheLife | null, b: CacheLife | null): CacheLife | null {
  return a === 'long' || b === 'long' ? 'long' : (a ?? b);
}
