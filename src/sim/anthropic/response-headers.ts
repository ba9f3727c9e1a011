import type { LimitState, LimitWindow } from '../server/wire.ts';
import { organizationId } from './fault.ts';

/** What every answer carries: the id that support asks for, and whose key it was. */
export function identityHeaders(requestId: string): Readonly<Record<string, string>> {
  return { 'request-id': requestId, 'anthropic-organization-id': organizationId };
}

/** Tells the rate limits of a key. Names and roundings: Anthropic, "Rate limits". */
export function limitHeaders(limits: LimitState | null): Readonly<Record<string, string>> {
  if (limits === null) return {};
  const { requests, inputTokens, outputTokens } = limits;
  return {
    ...windowHeaders('requests', requests),
    ...windowHeaders('input-tokens', roundedTokens(inputTokens)),
    ...windowHeaders('output-tokens', roundedTokens(outputTokens)),
    ...windowHeaders('tokens', roundedTokens(tighter(inputTokens, outputTokens))),
  };
}

function windowHeaders(name: string, window: LimitWindow | null): Readonly<Record<string, string>> {
  if (window === null) return {};
  const prefix = `anthropic-ratelimit-${name}`;
  return {
    [`${prefix}-limit`]: String(window.limit),
    [`${prefix}-remaining`]: String(window.remaining),
    [`${prefix}-reset`]: rfc3339(window.fullAtMs),
  };
}

/** What remains of tokens is told to the nearest thousand. */
function roundedTokens(window: LimitWindow | null): LimitWindow | null {
  return window === null ? null : { ...window, remaining: Math.round(window.remaining / 1000) * 1000 };
}

/** `tokens-*` shows whichever limit is nearer to be reached. */
function tighter(a: LimitWindow | null, b: LimitWindow | null): LimitWindow | null {
  if (a === null || b === null) return a ?? b;
  return b.remaining / b.limit < a.remaining / a.limit ? b : a;
}

/** Writes a moment as the API does: UTC, whole seconds. Takes ms since 1970; rounds up, so that it is never early. */
export function rfc3339(atMs: number): string {
  return new Date(Math.ceil(atMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
