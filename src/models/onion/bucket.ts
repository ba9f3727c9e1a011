import type { RateWindow } from '../../core/index.ts';

/**
 * What is left of one limit per minute. It fills continuously, as providers' own do (Anthropic, "Rate limits";
 * "token bucket"), and may owe something when a request took more than was expected.
 */
export interface Bucket {
  /**
   * How long until an amount can be taken, in ms, when `ahead` is taken before it.
   * More than the bucket holds waits until it is full.
   */
  waitMs(amount: number, ahead: number): number;
  /** Takes an amount out; a negative one is put back. */
  take(amount: number): void;
  /** Takes in what a provider said of it. `unseen`: what is on its way to the provider and may not be counted yet. */
  learn(window: RateWindow, unseen: number): void;
}

/** What a bucket starts with. */
export interface BucketOptions {
  readonly now: () => number;
  /** Per minute. A limit that is set by hand stays, whatever the provider allows; null: known once the provider says. */
  readonly limit: number | null;
}

/** Makes a bucket. Without any limit it never waits. */
export function createBucket({ now, limit: ownLimit }: BucketOptions): Bucket {
  let limit = ownLimit;
  let level = ownLimit ?? 0;
  let atMs = now();

  function refill(most: number): void {
    const nowMs = now();
    level = Math.min(most, level + (Math.max(0, nowMs - atMs) * most) / minuteMs);
    atMs = nowMs;
  }

  return {
    waitMs(amount, ahead) {
      if (limit === null) return 0;
      refill(limit);
      const missing = Math.min(amount, limit) + ahead - level;
      return missing <= 0 ? 0 : Math.ceil((missing * minuteMs) / limit);
    },
    take(amount) {
      if (limit === null) return;
      refill(limit);
      level = Math.min(limit, level - amount);
    },
    learn(window, unseen) {
      const most = Math.max(1, Math.min(window.limit, ownLimit ?? window.limit));
      // A first word from the provider: there is no level of our own to hold it against.
      const isFirst = limit === null;
      limit = most;
      refill(most);
      const told = window.remaining - unseen;
      level = Math.min(most, isFirst || ownLimit === null ? told : Math.min(level, told));
    },
  };
}

const minuteMs = 60_000;
