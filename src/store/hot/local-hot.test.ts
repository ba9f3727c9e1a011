import { describe, expect, it } from 'vitest';
import { hotContract } from '../testing.ts';
import { createLocalHot } from './local-hot.ts';

/** What it does not promise: there is nothing to find. */
const ofCopies = /copy|gives what was set/;

describe('the hot store of one process among others', () => {
  for (const { promise, check } of hotContract.filter((each) => !ofCopies.test(each.promise))) {
    it(promise, () =>
      check(async () => {
        let nowMs = 1_000_000;
        return {
          hot: createLocalHot({ now: () => nowMs, sleep: async () => {} }),
          async passTime(ms) {
            nowMs += ms;
          },
        };
      }),
    );
  }

  it('never shows what others may have changed, and never says that all news are heard', async () => {
    const hot = createLocalHot({ now: () => 1_000_000, sleep: async () => {} });
    await hot.set('status:a', { version: 9, text: 'succeeded' }, 60_000);
    expect(await hot.get('status:a')).toBeNull();
    expect(hot.isReachable()).toBe(false);
  });
});
