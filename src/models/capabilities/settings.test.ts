import { describe, expect, it } from 'vitest';
import { capabilitiesOf, nearestEffort, outputTokensMaxOf } from './capabilities-of.ts';
import { outputLimitsOf } from './output-limits.ts';
import { refuseSettings, type ThinkingSettings, unsupportedSettings } from './settings.ts';

describe('what a model can be asked for', () => {
  it.each<[string, ThinkingSettings, string]>([
    [
      'anthropic/claude-haiku-4-5',
      { effort: 'high' },
      'anthropic/claude-haiku-4-5 does not know effort: set thinkingTokens (at least 1,024) instead, or choose claude-sonnet-5.',
    ],
    [
      'anthropic/claude-opus-4-6',
      { effort: 'xhigh' },
      'anthropic/claude-opus-4-6 does not know effort xhigh: set low, medium, high or max.',
    ],
    [
      'openai/gpt-4.1',
      { effort: 'low' },
      'openai/gpt-4.1 does not think, so it knows no effort: leave effort out, or choose gpt-6-sol.',
    ],
    [
      'anthropic/claude-sonnet-5',
      { thinkingTokensMax: 2048 },
      'anthropic/claude-sonnet-5 decides by itself how long it thinks: set effort (low, medium, high, xhigh or max) instead of thinkingTokens.',
    ],
    [
      'anthropic/claude-haiku-4-5-20251001',
      { thinkingTokensMax: 100 },
      'anthropic/claude-haiku-4-5-20251001 takes thinkingTokens from 1,024 to 62,976, not 100.',
    ],
    [
      'anthropic/claude-opus-5-5',
      { thinkingTokensMax: 0 },
      'anthropic/claude-opus-5-5 always thinks: leave thinkingTokens 0 out and set effort low instead.',
    ],
    [
      'anthropic/claude-opus-5',
      { thinkingTokensMax: 0, effort: 'max' },
      'anthropic/claude-opus-5 cannot go without thinking at effort max: set effort high or lower, or leave thinkingTokens 0 out.',
    ],
    [
      'google/gemini-2.5-flash',
      { thinkingTokensMax: 512, effort: 'low' },
      'google/gemini-2.5-flash takes either effort or thinkingTokens: leave one of them out.',
    ],
    [
      'openai/gpt-4.1',
      { thinkingTokensMax: 5000 },
      'openai/gpt-4.1 does not think: leave thinkingTokens out.',
    ],
  ])('refuses what %s does not take, and says what it takes: %j', (id, settings, message) => {
    expect(refuseSettings(id, settings)).toEqual({ code: 'wrong-team', message });
  });

  it.each<[string, ThinkingSettings]>([
    ['anthropic/claude-sonnet-5', { effort: 'max' }],
    ['anthropic/claude-sonnet-5', { thinkingTokensMax: 0 }],
    ['anthropic/claude-opus-4-5', { effort: 'high', thinkingTokensMax: 4096 }],
    ['anthropic/claude-haiku-4-5', { thinkingTokensMax: 0 }],
    ['openai/gpt-6.1-terra', { effort: 'xhigh', thinkingTokensMax: 0 }],
    ['openai/gpt-4.1', { thinkingTokensMax: 0 }],
    ['google/gemini-2.5-flash', { thinkingTokensMax: 1024 }],
    ['ollama/qwen3:8b', { effort: 'max', thinkingTokensMax: 17 }],
    ['openrouter/anthropic/claude-haiku-4.5', { effort: 'max', thinkingTokensMax: 17 }],
    ['my-server/llama', { effort: 'max', thinkingTokensMax: 17 }],
    ['offline', { effort: 'max', thinkingTokensMax: 17 }],
  ])('takes for %s %j, also where it is not known what it takes', (id, settings) => {
    expect(refuseSettings(id, settings)).toBeNull();
  });

  it('tells which settings an overriding model does not take', () => {
    const settings = { effort: 'high', thinkingTokensMax: 2048 } as const;
    expect(unsupportedSettings('anthropic/claude-opus-4-5', settings)).toEqual([]);
    expect(unsupportedSettings('anthropic/claude-sonnet-5', settings)).toEqual(['thinkingTokensMax']);
    expect(unsupportedSettings('anthropic/claude-haiku-4-5', settings)).toEqual(['effort']);
    expect(unsupportedSettings('offline', settings)).toEqual(['effort', 'thinkingTokensMax']);
  });

  it('finds the nearest effort: the next lower, else the lowest there is', () => {
    expect(nearestEffort('xhigh', 'anthropic/claude-opus-4-6')).toBe('high');
    expect(nearestEffort('max', 'google/gemini-3.5-flash')).toBe('high');
    expect(nearestEffort('low', 'openai/gpt-5-pro')).toBe('high');
    expect(nearestEffort('max', 'my-server/llama')).toBe('max');
    expect(nearestEffort('low', 'anthropic/claude-haiku-4-5')).toBeNull();
  });

  it('knows who sees and how long an answer may be', () => {
    const known = (id: string) => [capabilitiesOf(id).sees, capabilitiesOf(id).outputTokensMax];
    expect(known('anthropic/claude-sonnet-5')).toEqual([true, 128_000]);
    expect(known('openrouter/anthropic/claude-haiku-4.5')).toEqual([true, 64_000]);
    expect(known('openai-chat/gpt-4.1')).toEqual([true, 32_768]);
    expect(known('offline')).toEqual([false, null]);
    expect(known('ollama/llava')).toEqual([null, null]);
    expect(outputTokensMaxOf('anthropic/claude-opus-4-5')).toBe(64_000);
    expect(outputTokensMaxOf('ollama/llava')).toBe(32_768);
  });

  it('knows the models of OpenAI that a deployment on Azure is named after', () => {
    expect(capabilitiesOf('azure/gpt-4o')).toBe(capabilitiesOf('openai/gpt-4o'));
    expect(capabilitiesOf('azure-chat/o3-mini')).toBe(capabilitiesOf('openai/o3-mini'));
    expect(capabilitiesOf('azure/gpt-35-turbo')).toBe(capabilitiesOf('openai/gpt-3.5-turbo'));
    expect(capabilitiesOf('azure/of-my-own').outputTokensMax).toBeNull();
  });

  it('asks no model for a longer answer than it is likely to take', () => {
    const most = (id: string) =>
      outputLimitsOf({ lane: 'a', tools: [], system: [], messages: [], outputTokensMax: 100_000 }, id)
        .tokensMax;
    expect(most('acme/of-my-own')).toBe(8192);
    expect(most('ollama/qwen3:8b')).toBe(8192);
    expect(most('moonshot/kimi-k2')).toBe(65_536);
    expect(most('groq/meta-llama/llama-4-scout-17b-16e-instruct')).toBe(8192);
    expect(most('groq/openai/gpt-oss-120b')).toBe(32_768);
    expect(most('azure-chat/gpt-4o')).toBe(16_384);
  });
});
