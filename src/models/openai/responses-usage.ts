import type { Usage } from '../../core/index.ts';

/** Usage as the Responses API tells it; compatible servers leave details out. */
export interface ResponsesWireUsage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly input_tokens_details?: {
    readonly cached_tokens?: number | null;
    readonly cache_write_tokens?: number | null;
    readonly cache_write_tokens_details?: { readonly ttl_12h_tokens?: number | null } | null;
  } | null;
  readonly output_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
}

/**
 * Sorts usage into exclusive buckets: on this wire cached and written tokens stand inside the input, reasoning inside
 * the output. What was written for 30 minutes is the short bucket, for 12 hours the long one.
 */
export function responsesUsage(wire: ResponsesWireUsage): Usage {
  const input = tokens(wire.input_tokens);
  const details = wire.input_tokens_details;
  const cached = Math.min(input, tokens(details?.cached_tokens));
  const written = Math.min(input - cached, tokens(details?.cache_write_tokens));
  const writtenLong = Math.min(written, tokens(details?.cache_write_tokens_details?.ttl_12h_tokens));
  const output = tokens(wire.output_tokens);
  const reasoning = Math.min(output, tokens(wire.output_tokens_details?.reasoning_tokens));
  return {
    inputTokens: input - cached - written,
    cacheReadTokens: typeof details?.cached_tokens === 'number' ? cached : 'unknown',
    cacheWrite5mTokens: written - writtenLong,
    cacheWrite1hTokens: writtenLong,
    outputTokens: output - reasoning,
    reasoningTokens: reasoning,
  };
}

/** Reads a count that may be missing, null or, from some servers, a fraction. */
export function tokens(value: number | null | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.round(value) : 0;
}
