import { expect, it } from 'vitest';
import { rateLimitHeaders } from './rate-limit-headers.ts';

it.each([
  [250, '250ms'],
  [1500, '1.5s'],
  [360_000, '6m0s'],
  [3_723_004, '1h2m3.004s'],
  [-5, '0ms'],
])('a limit that is full again in %d ms is told as %s', (ms, told) => {
  const window = { limit: 100, remaining: 40.5, fullAtMs: 1000 + ms };
  expect(rateLimitHeaders({ requests: null, inputTokens: window, outputTokens: null }, 1000)).toEqual({
    'x-ratelimit-limit-tokens': '100',
    'x-ratelimit-remaining-tokens': '40',
    'x-ratelimit-reset-tokens': told,
  });
});
