import type { Clock } from '../../../core/index.ts';

/** A restart of Postgres takes some seconds: for so long, in ms, is tried again. */
const patienceMs = 5000;
const firstWaitMs = 50;
const waitMsMax = 1000;

/** When to try again, and what to wait with. */
export interface RetryOptions {
  readonly clock: Clock;
  /** Fires when nobody needs the outcome any more. */
  readonly signal: AbortSignal;
  mayRetry(error: unknown): boolean;
}

/** Does work again, after growing waits, while its errors may pass. */
export async function retried<T>(
  work: () => Promise<T>,
  { clock, signal, mayRetry }: RetryOptions,
): Promise<T> {
  const endAtMs = clock.now() + patienceMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, waitMsMax)) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !mayRetry(error) || clock.now() + waitMs > endAtMs) throw error;
    }
    await clock.sleep(waitMs, signal);
  }
}
