import { describe, expect, it } from 'vitest';
import { totalInputTokens, type Usage } from '../core/index.ts';
import { contextBlocks, createCalibration, createPrefixMemory } from './index.ts';

const usage: Usage = {
  inputTokens: 101,
  cacheReadTokens: 600,
  cacheWrite5mTokens: 300,
  cacheWrite1hTokens: 0,
  outputTokens: 5,
  reasoningTokens: 0,
};
const request = { system: [{ id: 'base' }, { id: 'prompt:a' }] };
const counts = { tools: 20, system: [10, 10], task: 10, history: 30, newest: 10 };

describe('the context ledger', () => {
  it('says of every block where it came from, and adds up to what the provider reported', () => {
    const blocks = contextBlocks(request, usage, counts);
    expect(blocks.map(({ id, cache }) => [id, cache])).toEqual([
      ['tools', 'read'],
      ['base', 'read'],
      ['prompt:a', 'read'],
      ['task', 'read'],
      ['history', 'written'],
      ['newest', 'none'],
    ]);
    expect(blocks.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(totalInputTokens(usage));
  });

  it('never calls a server’s silence a miss, and leaves out what is not there', () => {
    const silent: Usage = { ...usage, cacheReadTokens: 'unknown' };
    expect(contextBlocks(request, silent, { ...counts, history: 0, newest: 0 }).at(-1)).toMatchObject({
      id: 'task',
      cache: 'unknown',
    });
  });
});

describe('calibration', () => {
  it('starts from what is known of a model and moves to what its replies say', () => {
    const calibration = createCalibration(() => 1.3);
    expect(calibration.factorOf('a')).toBe(1.3);
    for (let reply = 0; reply < 100; reply += 1) calibration.learn('a', { counted: 1_000, reported: 2_000 });
    expect(calibration.factorOf('a')).toBeCloseTo(2, 3);
    expect(calibration.factorOf('b')).toBe(1.3);
  });

  it('never believes an odd reply: neither a wild one, nor a short one, nor one that reports nothing', () => {
    const calibration = createCalibration(() => 1);
    calibration.learn('a', { counted: 10, reported: 700 });
    calibration.learn('a', { counted: 1_000, reported: 0 });
    expect(calibration.factorOf('a')).toBe(1);
    for (let reply = 0; reply < 100; reply += 1) calibration.learn('a', { counted: 1_000, reported: 90_000 });
    expect(calibration.factorOf('a')).toBeLessThanOrEqual(3);
  });
});

describe('the memory of prefixes', () => {
  const parts = (text: string) => ({
    tools: [],
    system: [{ id: 'base', stability: 'release' as const, text }],
  });

  it('tells what an agent began with in the last job, once it begins with something else', () => {
    const memory = createPrefixMemory({ now: () => 0 });
    expect(memory.of('team')('a', parts('1'))).toEqual({ isFirst: true, before: null });
    expect(memory.of('team')('a', parts('1'))).toEqual({ isFirst: true, before: null });
    expect(memory.of('other')('a', parts('2')).before).toBeNull();
    expect(memory.of('team')('a', parts('2')).before).toEqual(parts('1'));
  });

  it('knows the first run of an agent in a job from a later one', () => {
    const job = createPrefixMemory({ now: () => 0 }).of('team');
    expect([
      job('a', parts('1')).isFirst,
      job('a', parts('1')).isFirst,
      job('b', parts('1')).isFirst,
    ]).toEqual([true, false, true]);
  });

  it('never takes two releases side by side for a prefix that changes', () => {
    const memory = createPrefixMemory({ now: () => 0 });
    const texts = ['1', '2', '1', '2', '1'];
    expect(texts.map((text) => memory.of('team')('a', parts(text)).before !== null)).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  it('forgets what no cache holds any more', () => {
    let nowMs = 0;
    const memory = createPrefixMemory({ now: () => nowMs });
    memory.of('team')('a', parts('1'));
    nowMs = 61 * 60_000;
    expect(memory.of('team')('a', parts('2')).before).toBeNull();
  });
});
