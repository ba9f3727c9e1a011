import type { Result } from './result.ts';

/** A ceiling on money, in integer micro-USD. `settled + reserved ≤ ceiling` holds at every instant. */
export interface Budget {
  /**
   * Sets an amount aside. Waits while only what is held for calls in flight stands in its way, since those may cost
   * less than they could; fails with `budget-exhausted` where no wait helps, and with `cancelled` when the signal fires.
   */
  reserve(mostMicroUsd: number, signal: AbortSignal): Promise<Result<Reservation>>;
  /** What is settled so far. */
  settledMicroUsd(): number;
}

/** An amount set aside for one call. Settle or release it once; a second time changes nothing. */
export interface Reservation {
  settle(actualMicroUsd: number): void;
  release(): void;
}
