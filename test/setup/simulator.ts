import { onTestFinished } from 'vitest';
import {
  type Clock,
  createInspan,
  type Inspan,
  type InspanOptions,
  type TransportOptions,
} from '../../src/inspan.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator.ts';

/** How many times faster than the real one the clock of these tests runs: half a second of backoff is 25 ms. */
const haste = 20;

/** Real time, passing faster: what waits is soon done, and every limit keeps its proportion to every other. */
export function hastyClock(): Clock {
  const startedMs = Date.now();
  return Object.freeze({
    now: () => startedMs + Math.round((Date.now() - startedMs) * haste),
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(ms / haste, timerMsMax));
        signal.addEventListener('abort', wake, { once: true });
      }),
  });
}

/** Node's timers fire at once for more. */
const timerMsMax = 2 ** 31 - 1;

/** A provider and a harness that speaks to it, on one clock. */
export interface Wired {
  readonly simulator: RunningSimulator;
  readonly inspan: Inspan;
}

/** Starts a simulator. It is closed when the test is over. */
export async function openSimulated(profile: unknown, clock?: Clock): Promise<RunningSimulator> {
  const simulator = await startSimulator({ profile, ...(clock === undefined ? {} : { clock }) });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Starts a simulator and an Inspan that reaches it by the real SDKs. Both are closed when the test is over. */
export async function openWired(profile: unknown, options: InspanOptions = {}): Promise<Wired> {
  const clock = hastyClock();
  const simulator = await openSimulated(profile, clock);
  const inspan = createInspan({ environment: simulator.environment, clock, ...options });
  onTestFinished(() => inspan.close());
  return { simulator, inspan };
}

/** Time limits for what never comes: a loopback answers within a few milliseconds, also on a busy machine. */
export const shortTimeouts: TransportOptions = Object.freeze({
  firstByteMsMax: 400,
  betweenBytesMsMax: 400,
});
