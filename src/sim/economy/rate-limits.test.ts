import { describe, expect, it } from 'vitest';
import { noUsage } from '../../core/index.ts';
import type { Asked } from '../server/wire.ts';
import { asked, simModel } from '../testing.ts';
import type { InputUsage } from './prompt-cache.ts';
import { type Admission, createRateLimiter, type Limits } from './rate-limits.ts';

const none: Limits = { requestsPerMinute: null, inputTokensPerMinute: null, outputTokensPerMinute: null };

function input(inputTokens: number, cacheReadTokens = 0): InputUsage {
  return { ...noUsage, inputTokens, cacheReadTokens };
}

function admitted(admission: Admission): Extract<Admission, { readonly type: 'admitted' }> {
  if (admission.type === 'refused') throw new Error(admission.refusal.said);
  return admission;
}

function refused(admission: Admission) {
  if (admission.type === 'admitted') throw new Error('let in');
  const { said, retryAfterS } = admission.refusal;
  return [said, retryAfterS];
}

const claude = asked([]);
const gpt = (outputTokensMax: number, more: Partial<Asked> = {}) =>
  asked([], {
    model: simModel('openai/gpt-6.1-terra'),
    request: { ...claude.request, outputTokensMax },
    ...more,
  });

describe('rate limits', () => {
  it('refuse beyond the requests of a minute, and refill continuously', () => {
    const limiter = createRateLimiter({ ...none, requestsPerMinute: 2 });
    for (const _ of [1, 2]) admitted(limiter.admit(claude, input(1), 0));
    expect(refused(limiter.admit(claude, input(1), 0))).toEqual(['2 requests per minute', 30]);
    expect(refused(limiter.admit(claude, input(1), 29_999))).toEqual(['2 requests per minute', 1]);
    admitted(limiter.admit(claude, input(1), 30_000));
  });

  it('count a refused request as nothing', () => {
    const limiter = createRateLimiter({ ...none, requestsPerMinute: 1 });
    admitted(limiter.admit(claude, input(1), 0));
    const types = [1, 2, 3, 60_000].map((atMs) => limiter.admit(claude, input(1), atMs).type);
    expect(types).toEqual(['refused', 'refused', 'refused', 'admitted']);
  });

  it('tell what is left, and when it is full again', () => {
    const limiter = createRateLimiter({ ...none, requestsPerMinute: 60, inputTokensPerMinute: 50_000 });
    expect(admitted(limiter.admit(claude, input(20_000), 1_000)).limits).toEqual({
      requests: { limit: 60, remaining: 59, fullAtMs: 2_000 },
      inputTokens: { limit: 50_000, remaining: 30_000, fullAtMs: 25_000 },
      outputTokens: null,
    });
    expect(limiter.stateFor(claude, 25_000).inputTokens).toEqual({
      limit: 50_000,
      remaining: 50_000,
      fullAtMs: 25_000,
    });
  });

  it('are one each for every key and every model', () => {
    const limiter = createRateLimiter({ ...none, requestsPerMinute: 1 });
    admitted(limiter.admit(claude, input(1), 0));
    const others = [{ key: 'key-b' }, { model: simModel('anthropic/claude-opus-5') }, {}];
    const types = others.map((other) => limiter.admit({ ...claude, ...other }, input(1), 0).type);
    expect(types).toEqual(['admitted', 'admitted', 'refused']);
  });

  it('do not hold for batches, and not for Ollama', () => {
    const limiter = createRateLimiter({ ...none, requestsPerMinute: 1 });
    for (const free of [
      { ...claude, batch: true },
      { ...claude, model: simModel('ollama/qwen3:8b') },
    ]) {
      for (const _ of [1, 2, 3])
        expect(admitted(limiter.admit(free, input(1), 0)).limits.requests).toBeNull();
    }
  });
});

describe("Anthropic's rate limits", () => {
  it('do not count cache reads', () => {
    const limiter = createRateLimiter({ ...none, inputTokensPerMinute: 50_000 });
    admitted(limiter.admit(claude, input(10_000, 400_000), 0));
    expect(limiter.stateFor(claude, 0).inputTokens?.remaining).toBe(40_000);
    expect(refused(limiter.admit(claude, input(40_001), 0))).toEqual(['50,000 input tokens per minute', 1]);
  });

  it('refuse what is larger than a whole minute, also with a full bucket', () => {
    const limiter = createRateLimiter({ ...none, inputTokensPerMinute: 50_000 });
    expect(refused(limiter.admit(claude, input(50_001), 0))[0]).toBe('50,000 input tokens per minute');
  });

  it('count output once it is made, not what was asked for', () => {
    const limiter = createRateLimiter({ ...none, outputTokensPerMinute: 1_000 });
    const long = admitted(limiter.admit(claude, input(1), 0));
    expect(long.limits.outputTokens?.remaining).toBe(1_000);
    long.settle({ begun: true, outputTokens: 1_500 }, 0);
    expect(limiter.stateFor(claude, 0).outputTokens?.remaining).toBe(0);
    expect(refused(limiter.admit(claude, input(1), 0))[0]).toBe('1,000 output tokens per minute');
    admitted(limiter.admit(claude, input(1), 31_000));
  });

  it('give back the input of a request that was never answered', () => {
    const limiter = createRateLimiter({ ...none, inputTokensPerMinute: 50_000 });
    admitted(limiter.admit(claude, input(50_000), 0)).settle({ begun: false, outputTokens: 0 }, 0);
    expect(limiter.stateFor(claude, 0).inputTokens?.remaining).toBe(50_000);
  });
});

describe("OpenAI's rate limits", () => {
  it.each([
    ['the prompt, cached or not', gpt(100), input(3_000, 5_000), 8_000],
    ['the output asked for, where that is more', gpt(7_000), input(3_000), 7_000],
    [
      "the prompt, where the model's own maximum says that nothing was asked for",
      gpt(8_000),
      input(3_000),
      3_000,
    ],
  ])('count at admission %s', (...[, request, usage, counted]) => {
    const limiter = createRateLimiter({ ...none, inputTokensPerMinute: 30_000, outputTokensPerMinute: 10 });
    const { limits, settle } = admitted(limiter.admit(request, usage, 0));
    expect(limits.inputTokens?.remaining).toBe(30_000 - counted);
    expect(limits.outputTokens).toBeNull();
    settle({ begun: true, outputTokens: 500 }, 0);
    expect(limiter.stateFor(request, 0).inputTokens?.remaining).toBe(30_000 - counted);
  });
});
