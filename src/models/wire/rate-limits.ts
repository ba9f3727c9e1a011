import type { RateLimits, RateWindow } from '../../core/index.ts';

/**
 * Reads Anthropic's rate-limit headers; null when there are none (Anthropic, "Rate limits").
 * Their resets are moments of the server's clock, which its `date` header tells.
 */
export function anthropicLimits(headers: Headers): RateLimits | null {
  const bucket = (name: string) => {
    const header = (what: string) => headers.get(`anthropic-ratelimit-${name}-${what}`);
    return windowOf(header, (reset) => untilMs(reset, Date.parse(headers.get('date') ?? '')));
  };
  return limitsOf({
    requests: bucket('requests'),
    inputTokens: bucket('input-tokens'),
    outputTokens: bucket('output-tokens'),
    tokens: bucket('tokens'),
  });
}

/** Reads OpenAI's rate-limit headers, which many servers imitate; null when there are none (OpenAI, "Rate limits"). */
export function openaiLimits(headers: Headers): RateLimits | null {
  const bucket = (name: string) => windowOf((what) => headers.get(`x-ratelimit-${what}-${name}`), durationMs);
  // A project's own limit is never above the organization's: where there is one, it is the one to keep.
  return limitsOf({ requests: bucket('requests'), tokens: bucket('project-tokens') ?? bucket('tokens') });
}

/** Buckets are per minute, so what is left is back in a minute at the latest. */
const resetMsMax = 60_000;

/** Looks no further where there is no limit: most headers of most answers say nothing of one. */
function windowOf(
  header: (what: 'limit' | 'remaining' | 'reset') => string | null,
  resetMsOf: (reset: string | null) => number | null,
): RateWindow | null {
  const limit = wholeNumber(header('limit'));
  const remaining = limit === null ? null : wholeNumber(header('remaining'));
  if (limit === null || remaining === null) return null;
  return { limit, remaining, resetMs: resetMsOf(header('reset')) ?? resetMsMax };
}

function limitsOf(windows: { readonly [Name in keyof RateLimits]: RateWindow | null }): RateLimits | null {
  const said = Object.entries(windows).filter(([, window]) => window !== null);
  return said.length === 0 ? null : Object.fromEntries(said);
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
