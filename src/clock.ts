import type { Clock } from './core/index.ts';

/** Node's timers fire at once for more: 24.8 days. */
const timerMsMax = 2 ** 31 - 1;

/** The machine's clock: the only place that asks it. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  steadyNow: () => performance.now(),
  // Not the promises of `node:timers`: they make an error, with its stack, of every sleep that is cut short.
  sleep: (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, timerMsMax));
      signal.addEventListener('abort', wake, { once: true });
    }),
});
