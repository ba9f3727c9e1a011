import type { CacheLife } from '../../core/index.ts';
import { plainModelId } from '../model-facts.ts';

/** How long a provider keeps a prefix at least, and what writing it costs. */
export interface CacheTerms {
  readonly keptMs: number;
  /** As a multiple of the plain input price. */
  readonly writeFactor: number;
}

/** Says how a model's provider keeps prefixes for either life. */
export function cacheTermsOf(modelId: string): Readonly<Record<CacheLife, CacheTerms>> {
  return plainModelId(modelId).startsWith('openai/') ? openai : anthropic;
}

/** What reading a kept prefix costs, as a multiple of the plain input price. Newer models ask less, which changes no choice. */
export const readFactor = 0.1;

const minuteMs = 60_000;

/** Anthropic, "Prompt caching" (2026-08). Measured from the start of the request that wrote or last read it. */
const anthropic = Object.freeze({
  short: { keptMs: 5 * minuteMs, writeFactor: 1.25 },
  long: { keptMs: 60 * minuteMs, writeFactor: 2 },
});

/** OpenAI, "Prompt caching", GPT-5.6 and later; the long write by price tables (2026-09). */
const openai = Object.freeze({
  short: { keptMs: 30 * minuteMs, writeFactor: 1.25 },
  long: { keptMs: 12 * 60 * minuteMs, writeFactor: 2.5 },
});
