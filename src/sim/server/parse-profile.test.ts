import { describe, expect, it } from 'vitest';
import { simModel } from '../testing.ts';
import { parseProfile } from './parse-profile.ts';

function linesFor(data: unknown): readonly string[] {
  const parsed = parseProfile(data);
  return parsed.ok ? [] : parsed.failure.message.split('\n');
}

describe('a profile', () => {
  it('may leave everything out', () => {
    for (const empty of [{}, undefined, null]) {
      expect(parseProfile(empty)).toEqual({
        ok: true,
        value: {
          brain: 'offline',
          speed: { firstTokenMs: 0, promptTokensPerSecond: 0, tokensPerSecond: 0 },
          limits: { requestsPerMinute: null, inputTokensPerMinute: null, outputTokensPerMinute: null },
          keys: null,
          faults: [],
          seed: 1,
        },
      });
    }
  });

  it('may say everything', () => {
    const profile = {
      brain: {
        script: [{ when: 'hi', think: 'Hm.', say: 'Hello.', calls: [{ tool: 'look', input: { at: 1 } }] }],
      },
      speed: { firstTokenMs: 300, tokensPerSecond: 80 },
      limits: { requestsPerMinute: 50, inputTokensPerMinute: 50_000, outputTokensPerMinute: 8_000 },
      keys: ['a'],
      faults: [
        { fault: 'overloaded', rate: 0.1 },
        { fault: 'rate-limited', at: [3, 7], retryAfterS: 1 },
        { fault: 'cut', every: 5, through: 0.2, model: 'claude-sonnet-5', wire: 'messages' },
        { fault: 'slow-first-byte', waitMs: 500 },
      ],
      seed: 7,
    };
    expect(linesFor(profile)).toEqual([]);
  });

  it.each([
    ['a list', [], 'the profile is []; expected a map with brain, speed, limits, keys, faults and seed'],
    ['an unknown field', { sped: {} }, 'sped is not a field of a profile: remove it'],
    [
      'a limit of nothing',
      { limits: { requestsPerMinute: 0 } },
      'limits.requestsPerMinute is 0; expected a whole number from 1 on, such as 50',
    ],
    [
      'a speed as a word',
      { speed: 'fast' },
      'speed is "fast"; expected such as { firstTokenMs: 300, tokensPerSecond: 80 }',
    ],
    [
      'an unknown brain',
      { brain: 'gpt' },
      'brain is "gpt"; expected offline, { script: [{ say: Hello. }] }, or { fixed: { tokens: 200, toolCalls: 2 } }',
    ],
    ['an empty script', { brain: { script: [] } }, 'brain.script is []; expected a reply'],
    [
      'a reply of nothing',
      { brain: { script: [{ think: 'Hm.' }] } },
      'brain.script[0] is {"think":"Hm."}; expected a reply with say, calls or both',
    ],
    [
      'a call without a tool',
      { brain: { script: [{ calls: [{ name: 'look' }] }] } },
      'brain.script[0].calls[0].tool is missing; expected text, such as read_file',
    ],
    [
      'a fixed brain without a length',
      { brain: { fixed: {} } },
      'brain.fixed.tokens is missing; expected a whole number from 1 on, such as 200',
    ],
    [
      'a rate above 1',
      { faults: [{ fault: 'overloaded', rate: 10 }] },
      'faults[0].rate is 10; expected a share from 0 to 1, such as 0.1',
    ],
    [
      'two times to strike',
      { faults: [{ fault: 'stall', rate: 1, every: 2 }] },
      'faults[0] is {"fault":"stall","rate":1,"every":2}; expected only one of rate, at and every (none of them: it strikes every request)',
    ],
    [
      'a wire that does not exist',
      { faults: [{ fault: 'cut', wire: 'message' }] },
      'faults[0].wire is "message"; expected one of messages, batch, chat, responses, ollama',
    ],
    [
      'a field of another fault',
      { faults: [{ fault: 'stall', waitMs: 5 }] },
      'faults[0].waitMs is 5; expected no such field: it says nothing about stall',
    ],
  ])('that has %s costs one line: what, where, how to mend', (_, data, line) => {
    expect(linesFor(data)).toContain(line);
  });

  it('that means a fault for a model that is not there is refused', () => {
    const models = [simModel()];
    const meantFor = (model: string) => parseProfile({ faults: [{ fault: 'stall', model }] }, models);
    expect(meantFor('claude-sonnet-5').ok && meantFor('anthropic/claude-sonnet-5').ok).toBe(true);
    expect(meantFor('claude-sonet-5')).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining('faults[0].model is "claude-sonet-5"; expected a model') },
    });
  });

  it('tells all mistakes at once, a line each', () => {
    expect(linesFor({ seed: -1, keys: 'a', faults: [{ fault: 'fire' }] })).toHaveLength(3);
  });
});
