import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './core/index.ts';

/** The machine's clock: the only place that asks it. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  async sleep(ms: number, signal: AbortSignal) {
    try {
      await sleep(ms, undefined, { signal, ref: false });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
});
