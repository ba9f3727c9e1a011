import { describe, expect, it } from 'vitest';
import { anthropicLimits, openaiLimits } from './rate-limits.ts';

function anthropicWindow(name: string, [limit, remaining, reset]: readonly string[]): [string, string][] {
  const prefix = `anthropic-ratelimit-${name}`;
  return [
    [`${prefix}-limit`, limit ?? ''],
    [`${prefix}-remaining`, remaining ?? ''],
    [`${prefix}-reset`, reset ?? ''],
  ];
}

describe('rate-limit headers', () => {
  it('of Anthropic: resets are measured against the server’s own clock, and never negative', () => {
    const headers = new Headers([
      ['date', 'Tue, 10 Nov 2026 12:00:00 GMT'],
      ...anthropicWindow('requests', ['1000', '0', '2026-11-10T12:00:30Z']),
      ...anthropicWindow('input-tokens', ['50000', '49000', '2026-11-10T11:59:59Z']),
      ...anthropicWindow('output-tokens', ['8000', '8000', 'soon']),
    ]);
    expect(anthropicLimits(headers)).toEqual({
      requests: { limit: 1000, remaining: 0, resetMs: 30_000 },
      inputTokens: { limit: 50_000, remaining: 49_000, resetMs: 0 },
      // Not told: a minute, after which a bucket of a minute is full in any case.
      outputTokens: { limit: 8000, remaining: 8000, resetMs: 60_000 },
    });
  });

  it.each([
    ['6m0s', 360_000],
    ['1s', 1000],
    ['120ms', 120],
    ['1h2m3.5s', 3_723_500],
    ['7.66s', 7660],
    ['12', 12_000],
    ['soon', 60_000],
  ])('of OpenAI: a reset of %s is %i ms', (reset, resetMs) => {
    const headers = new Headers({
      'x-ratelimit-limit-tokens': '30000',
      'x-ratelimit-remaining-tokens': '7001',
      'x-ratelimit-reset-tokens': reset,
    });
    expect(openaiLimits(headers)).toEqual({ tokens: { limit: 30_000, remaining: 7001, resetMs } });
  });

  it('that are absent or no numbers say nothing', () => {
    expect([anthropicLimits(new Headers()), openaiLimits(new Headers())]).toEqual([null, null]);
    const odd = { 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-remaining-requests': '3' };
    expect(openaiLimits(new Headers(odd))).toBeNull();
  });
});
