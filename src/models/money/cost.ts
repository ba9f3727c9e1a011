import { type CacheLife, totalInputTokens, type Usage } from '../../core/index.ts';
import { plainModelId } from '../model-facts.ts';
import { freePrice, type Price, prices, type TokenRates } from './prices.ts';

/** Finds a model's price, whatever date or route its id carries; null when nobody knows it. */
export function priceOf(modelId: string): Price | null {
  if (costsNothing.test(modelId)) return freePrice;
  const plain = plainModelId(modelId);
  return Object.hasOwn(prices, plain) ? (prices[plain] ?? null) : null;
}

/** Models that send no bill: local and scripted ones, and what OpenRouter serves as free. */
const costsNothing = /^(ollama\/|scripted\/|offline$|offline\/|openrouter\/.+:free$)/;

/**
 * What a call cost, in integer micro-USD, rounded half up once.
 * Where cached tokens are unknown they are part of the input and billed as such.
 */
export function costMicroUsd(price: Price, usage: Usage): number {
  const rates = ratesFor(price, totalInputTokens(usage));
  const read = usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens;
  return roundedCost([
    [usage.inputTokens, rates.inputMicroUsd],
    [read, rates.cacheReadMicroUsd],
    [usage.cacheWrite5mTokens, rates.cacheWrite5mMicroUsd],
    [usage.cacheWrite1hTokens, rates.cacheWrite1hMicroUsd],
    [usage.outputTokens + usage.reasoningTokens, rates.outputMicroUsd],
  ]);
}

/** The largest a call can get. */
export interface WorstCase {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The longest that any of its input is to be cached. */
  readonly life: CacheLife;
}

/** The most a call can cost, in micro-USD: nothing is read from a cache, everything is written to it, all output is used. */
export function worstCostMicroUsd(price: Price, { inputTokens, outputTokens, life }: WorstCase): number {
  const rates = ratesFor(price, inputTokens);
  const long = life === 'long' ? rates.cacheWrite1hMicroUsd : 0;
  return roundedCost([
    [inputTokens, Math.max(rates.inputMicroUsd, rates.cacheWrite5mMicroUsd, long)],
    [outputTokens, rates.outputMicroUsd],
  ]);
}

function ratesFor(price: Price, inputTokens: number): TokenRates {
  const { longContext } = price;
  return longContext !== undefined && inputTokens > longContext.aboveInputTokens ? longContext : price;
}

/** In whole numbers throughout: tokens times rate outgrows what a float holds exactly. */
function roundedCost(parts: readonly (readonly [tokens: number, rate: number])[]): number {
  const sum = parts.reduce((total, [tokens, rate]) => total + BigInt(tokens) * BigInt(rate), 0n);
  return Number((sum + 500_000n) / 1_000_000n);
}
