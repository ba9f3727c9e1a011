import type { CacheLife, Usage } from '../../core/index.ts';
import { tokens } from './responses-usage.ts';

/** Usage as compatible servers really send it: details may be missing or null. */
export interface WireUsage {
  readonly prompt_tokens?: number | null;
  readonly completion_tokens?: number | null;
  readonly total_tokens?: number | null;
  readonly prompt_tokens_details?: {
    readonly cached_tokens?: number | null;
    readonly cache_write_tokens?: number | null;
  } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
  /** DeepSeek's own name for cached tokens. */
  readonly prompt_cache_hit_tokens?: number | null;
}

/**
 * Sorts usage into exclusive buckets. Cached and written tokens stand inside `prompt_tokens` on this wire;
 * a server that names no cached tokens leaves them unknown, which is not none. `writeLife`: how long what was written
 * is kept, which this wire does not say.
 */
export function chatUsage(wire: WireUsage, writeLife: CacheLife): Usage {
  const prompt = tokens(wire.prompt_tokens);
  const reported = wire.prompt_tokens_details?.cached_tokens ?? wire.prompt_cache_hit_tokens;
  const cached = Math.min(prompt, tokens(reported));
  const written = Math.min(prompt - cached, tokens(wire.prompt_tokens_details?.cache_write_tokens));
  return {
    inputTokens: prompt - cached - written,
    cacheReadTokens: typeof reported === 'number' ? cached : 'unknown',
    cacheWrite5mTokens: writeLife === 'long' ? 0 : written,
    cacheWrite1hTokens: writeLife === 'long' ? written : 0,
    ...outputOf(wire),
  };
}

/**
 * Most servers count reasoning inside the completion; some (Gemini, Grok) beside it, where only the total shows it.
 */
function outputOf(wire: WireUsage): Pick<Usage, 'outputTokens' | 'reasoningTokens'> {
  const completion = tokens(wire.completion_tokens);
  const beside = tokens(wire.total_tokens) - tokens(wire.prompt_tokens) - completion;
  if (beside > 0) return { outputTokens: completion, reasoningTokens: beside };
  const reasoning = Math.min(completion, tokens(wire.completion_tokens_details?.reasoning_tokens));
  return { outputTokens: completion - reasoning, reasoningTokens: reasoning };
}
