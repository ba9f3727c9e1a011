import type { CacheLife } from '../../core/index.ts';
import type { Asked } from '../server/wire.ts';

/** Where a prompt may be written to the cache: after its part number `at`, counted from 0. */
export interface Breakpoint {
  readonly at: number;
  readonly life: CacheLife;
}

/** How a provider's prompt cache works. */
export interface CacheRules {
  /** How long an entry is kept after the start of the last request that used it, in ms. */
  readonly livesMs: Readonly<Record<CacheLife, number>>;
  /** False: written tokens are billed and reported as plain input. */
  readonly writesCost: boolean;
  /** Reads are reported in multiples of so many tokens. */
  readonly readUnitTokens: number;
  /** Where this request would write, in the order of the prompt. */
  breakpoints(asked: Asked): readonly Breakpoint[];
  /** The longest prefix it may read, as the number of its last part; null: none. */
  findHit(asked: Asked, isLive: (at: number) => boolean): number | null;
}
