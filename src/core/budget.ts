import type { Result } from './result.ts';

/**
 * A ceiling on money, in integer micro-USD. `settled + reserved ≤ ceiling` holds at every instant.
 * Reserve the worst case before a call, settle the actual after it.
 */
export interface Budget {
  /** Sets an amount aside, or fails with `budget-exhausted`. */
  reserve(mostMicroUsd: number): Result<Reservation>;
  /** What is settled so far. */
  settledMicroUsd(): number;
}

/** An amount set aside for one call. Settle or release it once; a second time changes nothing. */
export interface Reservation {
  settle(actualMicroUsd: number): void;
  release(): void;
}
