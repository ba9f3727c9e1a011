import { describe, expect, it } from 'vitest';
import type { Clock } from '../../core/index.ts';
import { hotContract } from '../testing.ts';
import { createMemoryHot } from './memory-hot.ts';

describe('the hot store in memory', () => {
  for (const { promise, check } of hotContract) {
    it(promise, () =>
      check(async () => {
        const clock = openClock();
        return {
          hot: createMemoryHot(clock),
          passTime: clock.pass,
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

  it('lets go of copies that are too old, though nobody asks for them', async () => {
    const clock = openClock();
    const hot = createMemoryHot(clock);
    await hot.set('short', { version: 1, text: 'x' }, 5_000);
    await hot.set('long', { version: 1, text: 'x' }, 15_000);
    await clock.pass(10_000);
    expect(clock.sleeping()).toBe(1);
    expect(await hot.get('long')).not.toBeNull();
    // It looks again and again, until there is nothing left.
    await clock.pass(10_000);
    expect(clock.sleeping()).toBe(0);
    await hot.set('later', { version: 1, text: 'x' }, 5_000);
    expect(clock.sleeping()).toBe(1);
    await hot.close();
    expect(clock.sleeping()).toBe(0);
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

interface HandClock extends Clock {
  /** Moves it on, and lets those wake that slept until then. */
  pass(ms: number): Promise<void>;
  /** How many sleep. */
  sleeping(): number;
}

function openClock(): HandClock {
  let nowMs = 1_000_000;
  const sleepers = new Map<() => void, number>();
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const wake = (): void => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.set(wake, nowMs + ms);
        signal.addEventListener('abort', wake, { once: true });
      }),
    async pass(ms) {
      nowMs += ms;
      for (const [wake, untilMs] of sleepers) if (untilMs <= nowMs) wake();
      await new Promise(setImmediate);
    },
    sleeping: () => sleepers.size,
  };
}
