import type { RateLimits, RateWindow } from '../../core/index.ts';

/**
 * Reads Anthropic's rate-limit headers; null when there are none (Anthropic, "Rate limits").
 * Their resets are moments of the server's clock, which its `date` header tells.
 */
export function anthropicLimits(headers: Headers): RateLimits | null {
  return limitsIn(headers, anthropicNames, (reset) => untilMs(reset, Date.parse(headers.get('date') ?? '')));
}

/** Reads OpenAI's rate-limit headers, which many servers imitate; null when there are none (OpenAI, "Rate limits"). */
export function openaiLimits(headers: Headers): RateLimits | null {
  return limitsIn(headers, openaiNames, durationMs);
}

/** The headers that tell of one limit. */
interface HeaderNames {
  readonly window: keyof RateLimits;
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

const anthropicNames: readonly HeaderNames[] = Object.freeze(
  (
    [
      ['requests', 'requests'],
      ['inputTokens', 'input-tokens'],
      ['outputTokens', 'output-tokens'],
      ['tokens', 'tokens'],
    ] as const
  ).map(([window, name]) => headerNames(window, (what) => `anthropic-ratelimit-${name}-${what}`)),
);

/** A project's own limit is never above the organization's: where there is one, it comes last and is the one to keep. */
const openaiNames: readonly HeaderNames[] = Object.freeze(
  (
    [
      ['requests', 'requests'],
      ['tokens', 'tokens'],
      ['tokens', 'project-tokens'],
    ] as const
  ).map(([window, name]) => headerNames(window, (what) => `x-ratelimit-${what}-${name}`)),
);

function headerNames(window: keyof RateLimits, nameOf: (what: string) => string): HeaderNames {
  return { window, limit: nameOf('limit'), remaining: nameOf('remaining'), reset: nameOf('reset') };
}

/** Buckets are per minute, so what is left is back in a minute at the latest. */
const resetMsMax = 60_000;

/** Looks no further where there is no limit: most headers of most answers say nothing of one. */
function limitsIn(
  headers: Headers,
  all: readonly HeaderNames[],
  resetMsOf: (reset: string | null) => number | null,
): RateLimits | null {
  let limits = null as RateLimits | null;
  for (const names of all) {
    const limit = wholeNumber(headers.get(names.limit));
    const remaining = limit === null ? null : wholeNumber(headers.get(names.remaining));
    if (limit === null || remaining === null) continue;
    const resetMs = resetMsOf(headers.get(names.reset)) ?? resetMsMax;
    limits = { ...limits, [names.window]: { limit, remaining, resetMs } satisfies RateWindow };
  }
  return limits;
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text.trim()) ? Number(text) : null;
}

function untilMs(moment: string | null, serverMs: number): number | null {
  const ms = Date.parse(moment ?? '') - serverMs;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

const unitsMs: Readonly<Record<string, number>> = Object.freeze({ h: 3_600_000, m: 60_000, s: 1000, ms: 1 });

/** Reads durations as Go writes them: `6m0s`, `1.5s`, `120ms`. A bare number is seconds, as some servers send. */
function durationMs(text: string | null): number | null {
  const written = text?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(written)) return Math.ceil(Number(written) * 1000);
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(written)) return null;
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  return Math.ceil(
    parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitsMs[unit ?? ''] ?? 0), 0),
  );
}
