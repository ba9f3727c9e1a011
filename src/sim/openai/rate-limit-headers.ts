import type { LimitState, LimitWindow } from '../server/wire.ts';

/**
 * Writes rate limits as `x-ratelimit-*` headers (OpenAI, "Rate limits").
 * The vendor has one bucket for tokens: the input window stands for it.
 */
export function rateLimitHeaders(limits: LimitState | null, now: number): Readonly<Record<string, string>> {
  return {
    ...windowHeaders('requests', limits?.requests ?? null, now),
    ...windowHeaders('tokens', limits?.inputTokens ?? null, now),
  };
}

function windowHeaders(
  what: 'requests' | 'tokens',
  window: LimitWindow | null,
  now: number,
): Readonly<Record<string, string>> {
  if (window === null) return {};
  return {
    [`x-ratelimit-limit-${what}`]: String(window.limit),
    [`x-ratelimit-remaining-${what}`]: String(Math.max(0, Math.floor(window.remaining))),
    [`x-ratelimit-reset-${what}`]: goDuration(Math.max(0, window.fullAtMs - now)),
  };
}

/** Writes milliseconds as Go does: `250ms`, `1.5s`, `6m0s`, `1h2m3s`. */
function goDuration(durationMs: number): string {
  const ms = Math.ceil(durationMs);
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
