import { totalInputTokens, totalOutputTokens, type Usage } from '../../core/index.ts';
import type { Asked } from '../server/wire.ts';

/** What a million tokens cost, in integer micro-USD, one rate for each bucket of usage. */
export interface SimRates {
  readonly inputMicroUsd: number;
  readonly cacheReadMicroUsd: number;
  readonly cacheWrite5mMicroUsd: number;
  readonly cacheWrite1hMicroUsd: number;
  /** Also for reasoning. */
  readonly outputMicroUsd: number;
}

/** A model's price; `longContext` holds for the whole request once its input is above a size. */
export interface SimPrice extends SimRates {
  readonly longContext?: SimRates & { readonly aboveInputTokens: number };
}

/** On what terms a request was made. */
export type Terms = Pick<Asked, 'batch' | 'tier'>;

/** What a request cost, in integer micro-USD: exact, rounded half up once. */
export function costMicroUsd(price: SimPrice, usage: Usage, terms: Terms): number {
  const { longContext } = price;
  const rates =
    longContext !== undefined && totalInputTokens(usage) > longContext.aboveInputTokens ? longContext : price;
  const read = usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens;
  const sum =
    times(usage.inputTokens, rates.inputMicroUsd) +
    times(read, rates.cacheReadMicroUsd) +
    times(usage.cacheWrite5mTokens, rates.cacheWrite5mMicroUsd) +
    times(usage.cacheWrite1hTokens, rates.cacheWrite1hMicroUsd) +
    times(totalOutputTokens(usage), rates.outputMicroUsd);
  const divisor = 1_000_000n * quartersInFull;
  return Number((sum * quartersOf(terms) + divisor / 2n) / divisor);
}

/** Tokens times rate outgrows what a float holds exactly. */
function times(tokens: number, rate: number): bigint {
  return BigInt(tokens) * BigInt(rate);
}

const quartersInFull = 4n;

/** Quarters of the list price. Batches and flex cost half of it, priority and fast twice (both providers' price pages). */
function quartersOf({ batch, tier }: Terms): bigint {
  const quarters = batch ? 2n : 4n;
  switch (tier) {
    case 'standard':
      return quarters;
    case 'flex':
      return quarters / 2n;
    case 'priority':
    case 'fast':
      return quarters * 2n;
  }
}
