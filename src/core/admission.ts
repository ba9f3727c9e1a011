import type { FailureCode } from './failure.ts';
import type { RateLimits } from './model.ts';
import type { Result } from './result.ts';
import type { Usage } from './usage.ts';

/**
 * Lets requests out to providers at the pace their rate limits allow. One for all jobs that share an account.
 * Fair between jobs; within a job, first come, first served.
 */
export interface Admission {
  /**
   * Waits until a request may go out, and gives the permit for it.
   * Fails with `rate-limited` and `retryAfterMs` where that would take longer than wanted, and with `cancelled`
   * promptly when the signal fires.
   */
  enter(want: AdmissionWant, signal: AbortSignal): Promise<Result<Permit>>;
}

/** A request that wants to go out. */
export interface AdmissionWant {
  /** Whose limits it counts against: one model behind one key. Never a key itself. */
  readonly account: string;
  /** Jobs take turns by this. */
  readonly job: string;
  /** What it is going to take in, an estimate in the model's tokens. */
  readonly inputTokens: number;
  /** The most it may give back. */
  readonly outputTokensMax: number;
  /** The longest it can wait. */
  readonly waitMsMax: number;
}

/** The right to have one request out. Held only while it is. */
export interface Permit {
  /** Takes in what the provider's headers said of its limits. */
  learn(limits: RateLimits): void;
  /** Gives the permit back. A second time changes nothing. */
  leave(outcome: PermitOutcome): void;
}

/** How a request ended, as far as limits are concerned. */
export interface PermitOutcome {
  /** What it used in fact; absent where nobody says. */
  readonly usage?: Usage;
  /** Why it failed; absent where it did not. */
  readonly failed?: { readonly code: FailureCode; readonly retryAfterMs?: number };
}
