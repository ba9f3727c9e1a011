import { describe, expect, it } from 'vitest';
import { hotContract } from '../testing.ts';
import { createMemoryHot } from './memory-hot.ts';

describe('the hot store in memory', () => {
  for (const { promise, check } of hotContract) {
    it(promise, () =>
      check(async () => {
        const clock = openClock();
        return {
          hot: createMemoryHot(clock),
          async passTime(ms) {
            clock.pass(ms);
          },
        };
      }),
    );
  }

  it('forgets the copies that were set longest ago when there are too many', async () => {
    const hot = createMemoryHot(openClock());
    for (let each = 0; each <= 10_000; each++) await hot.set(`${each}`, { version: 1, text: 'x' }, 60_000);
    expect(await hot.get('0')).toBeNull();
    expect(await hot.get('1')).not.toBeNull();
    expect(await hot.get('10000')).not.toBeNull();
  });

  it('forgets the copies that were set longest ago when they weigh too much', async () => {
    const hot = createMemoryHot(openClock());
    const text = 'x'.repeat(2 ** 20);
    for (let each = 0; each < 65; each++) await hot.set(`${each}`, { version: 1, text }, 60_000);
    await hot.remove('64');
    expect(await hot.get('0')).toBeNull();
    expect(await hot.get('1')).not.toBeNull();
    await hot.set('65', { version: 1, text }, 60_000);
    expect(await hot.get('1')).not.toBeNull();
  });

  it('never calls a listener inside of the publishing call', async () => {
    const hot = createMemoryHot(openClock());
    const heard: string[] = [];
    hot.subscribe('a', (text) => heard.push(`1${text}`));
    hot.subscribe('a', (text) => heard.push(`2${text}`));
    hot.publish('a', 'x');
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual(['1x', '2x']);
  });
});

function openClock(): { now(): number; pass(ms: number): void } {
  let nowMs = 1_000_000;
  return {
    now: () => nowMs,
    pass(ms) {
      nowMs += ms;
    },
  };
}
