import { describe, expect, it } from 'vitest';
import { noUsage } from '../../core/index.ts';
import {
  cachePrefixTokensMin,
  contextTokensMaxOf,
  costMicroUsd,
  priceOf,
  prices,
  resolveModelName,
  tokenFactor,
} from '../index.ts';

function known(id: string) {
  const price = priceOf(id);
  if (price === null) throw new Error(`no price for ${id}`);
  return price;
}

describe('prices', () => {
  it('are whole micro-USD with a day and a source, and a cached token never costs more than a fresh one', () => {
    for (const [id, price] of Object.entries(prices)) {
      const { asOf, source, longContext, ...rates } = price;
      for (const each of [rates, ...(longContext === undefined ? [] : [longContext])]) {
        for (const rate of Object.values(each)) expect(Number.isSafeInteger(rate) && rate > 0, id).toBe(true);
        expect(each.cacheReadMicroUsd, id).toBeLessThanOrEqual(each.inputMicroUsd);
        expect(each.cacheWrite5mMicroUsd, id).toBeGreaterThanOrEqual(each.inputMicroUsd);
      }
      expect([/^2026-\d\d(-\d\d)?$/.test(asOf), source.length > 5], id).toEqual([true, true]);
    }
  });

  it('are found whatever date or route an id carries', () => {
    for (const id of [
      'anthropic/claude-haiku-4-5-20251001',
      'openrouter/anthropic/claude-haiku-4.5',
      'anthropic/claude-haiku-4-5-latest',
    ]) {
      expect(priceOf(id)).toBe(prices['anthropic/claude-haiku-4-5']);
    }
    expect(priceOf('openai/gpt-5.4-2026-03-05')).toBe(prices['openai/gpt-5.4']);
  });

  it('are unknown, not zero, for models nobody knows', () => {
    for (const id of [
      'acme/x',
      'anthropic/claude-9',
      'openrouter/deepseek/deepseek-v4-pro',
      'openrouter/anthropic/claude-sonnet-5:nitro',
      'toString',
    ]) {
      expect(priceOf(id), id).toBeNull();
    }
  });

  it('are zero for what runs without a bill', () => {
    for (const id of ['ollama/qwen3:8b', 'scripted/model', 'offline', 'openrouter/acme/x:free']) {
      expect(costMicroUsd(known(id), { ...noUsage, inputTokens: 1e6, outputTokens: 1e6 }), id).toBe(0);
    }
  });
});

describe('the cost of a call', () => {
  const sonnet = known('anthropic/claude-sonnet-5');

  it('bills every bucket at its own rate, and reasoning as output', () => {
    const million = 1_000_000;
    const cost = (bucket: object) => costMicroUsd(sonnet, { ...noUsage, ...bucket }) / million;
    expect(cost({ inputTokens: million })).toBe(2);
    expect(cost({ cacheReadTokens: million })).toBe(0.2);
    expect(cost({ cacheWrite5mTokens: million })).toBe(2.5);
    expect(cost({ cacheWrite1hTokens: million })).toBe(4);
    expect(cost({ outputTokens: million })).toBe(10);
    expect(cost({ reasoningTokens: million })).toBe(10);
  });

  it('is rounded half up, once', () => {
    const haiku = known('anthropic/claude-haiku-5-5');
    expect(costMicroUsd(haiku, { ...noUsage, inputTokens: 4 })).toBe(0);
    expect(costMicroUsd(haiku, { ...noUsage, inputTokens: 5 })).toBe(1);
    expect(costMicroUsd(haiku, { ...noUsage, inputTokens: 3, cacheReadTokens: 20 })).toBe(1);
  });

  it('is exact for amounts that floats are not', () => {
    expect(costMicroUsd(sonnet, { ...noUsage, outputTokens: 999_999_999_999 })).toBe(9_999_999_999_990);
  });

  it('bills unknown cached tokens as input, where they are counted', () => {
    expect(costMicroUsd(sonnet, { ...noUsage, inputTokens: 1_000, cacheReadTokens: 'unknown' })).toBe(2_000);
  });

  it('rises for the whole request once its input, cached tokens included, is long', () => {
    const sol = known('openai/gpt-6-sol');
    const usage = { ...noUsage, inputTokens: 2_000, cacheReadTokens: 270_000, outputTokens: 1_000 };
    expect(costMicroUsd(sol, usage)).toBe(4_000 + 54_000 + 10_000);
    expect(costMicroUsd(sol, { ...usage, inputTokens: 2_001 })).toBe(8_004 + 108_000 + 15_000);
  });
});

describe('what is known of models', () => {
  it('tells how much they read', () => {
    expect(contextTokensMaxOf('anthropic/claude-sonnet-5')).toBe(1_000_000);
    expect(contextTokensMaxOf('anthropic/claude-haiku-4-5-20251001')).toBe(200_000);
    expect(contextTokensMaxOf('openai/gpt-6.1-terra')).toBe(1_050_000);
    expect(contextTokensMaxOf('ollama/qwen3:8b')).toBe(32_768);
    expect(contextTokensMaxOf('acme/x')).toBe(128_000);
  });

  it('tells from what length a prefix is cached', () => {
    const models = [
      'opus-5',
      'opus-5-5',
      'sonnet-5',
      'sonnet-5-5',
      'sonnet-4-6',
      'opus-4-8',
      'opus-4-7',
      'opus-4-6',
      'haiku-4-5',
    ];
    expect(models.map((model) => cachePrefixTokensMin(`anthropic/claude-${model}`))).toEqual([
      512, 512, 1024, 512, 1024, 1024, 2048, 4096, 4096,
    ]);
    expect([cachePrefixTokensMin('openai/gpt-6-sol'), cachePrefixTokensMin('ollama/qwen3:8b')]).toEqual([
      1024,
      null,
    ]);
  });

  it('tells how their tokens compare with those counted here', () => {
    expect(
      ['anthropic/claude-sonnet-5', 'anthropic/claude-opus-4-6', 'openai/gpt-6-sol'].map(tokenFactor),
    ).toEqual([1.3, 1.2, 1]);
  });
});

describe('model names of other harnesses', () => {
  it.each([
    ['sonnet', 'anthropic/claude-sonnet-5'],
    ['Opus', 'anthropic/claude-opus-5'],
    ['haiku', 'anthropic/claude-haiku-4-5'],
    ['fable', 'anthropic/claude-fable-5'],
    ['inherit', 'default'],
    ['claude-opus-4-8', 'anthropic/claude-opus-4-8'],
    ['gpt-6-sol', 'openai/gpt-6-sol'],
    ['gemini-3.5-flash', 'google/gemini-3.5-flash'],
    ['gpt-oss:20b', 'gpt-oss:20b'],
    ['small', 'small'],
    ['ollama/qwen3:8b', 'ollama/qwen3:8b'],
    ['constructor', 'constructor'],
  ])('reads %s as %s', (name, ours) => {
    expect(resolveModelName(name)).toBe(ours);
  });
});
