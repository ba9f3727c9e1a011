/**
 * Tokens of one or more model calls, in buckets that never overlap: their sum is what was processed.
 * `'unknown'` says that the server does not report cached tokens, which is not the same as none:
 * its cached tokens, if any, are counted in `inputTokens`.
 */
export interface Usage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number | 'unknown';
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  /** All output but reasoning. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** Nothing used. */
export const noUsage: Usage = Object.freeze({
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

/** Adds two usages bucket by bucket; unknown plus anything is unknown. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cacheReadTokens: addCacheRead(a, b),
    cacheWrite5mTokens: a.cacheWrite5mTokens + b.cacheWrite5mTokens,
    cacheWrite1hTokens: a.cacheWrite1hTokens + b.cacheWrite1hTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

function addCacheRead(a: Usage, b: Usage): number | 'unknown' {
  if (a.cacheReadTokens === 'unknown' || b.cacheReadTokens === 'unknown') return 'unknown';
  return a.cacheReadTokens + b.cacheReadTokens;
}

/** All tokens that went in, cached or not. */
export function totalInputTokens(usage: Usage): number {
  const read = usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens;
  return usage.inputTokens + read + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
}

/** All tokens that came out, reasoning included. */
export function totalOutputTokens(usage: Usage): number {
  return usage.outputTokens + usage.reasoningTokens;
}
