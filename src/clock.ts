import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './core/index.ts';

/** Node's timers fire at once for more: 24.8 days. */
const timerMsMax = 2 ** 31 - 1;

/** The machine's clock: the only place that asks it. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  async sleep(ms: number, signal: AbortSignal) {
    try {
      await sleep(Math.min(ms, timerMsMax), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
});
