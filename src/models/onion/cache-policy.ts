import type { CachePolicy } from '../../core/index.ts';
import { cachePrefixTokensMin } from '../model-facts.ts';
import type { Warmth } from './warmth.ts';

/** What a cache policy joins: what models are known for, and what the requests of this process have shown. */
export type CachePolicyParts = Pick<CachePolicy, 'tokenFactor' | 'beginWith'> & {
  readonly warmth: Pick<Warmth, 'reuse'>;
};

/** Makes the cache policy of a job. */
export function createCachePolicy({ warmth, tokenFactor, beginWith }: CachePolicyParts): CachePolicy {
  return { prefixTokensMin: cachePrefixTokensMin, lifeOf: warmth.reuse.lifeOf, tokenFactor, beginWith };
}
