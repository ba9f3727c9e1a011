/** How waits grow. */
export interface Backoff {
  /** The longest first wait. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Waits before the next try, in ms: full jitter over `firstMs` × 2^tries, at most `mostMs`. `tries` counts from 0. */
export function backoffMs(tries: number, { firstMs, mostMs }: Backoff, random: () => number): number {
  return Math.round(random() * Math.min(mostMs, firstMs * 2 ** tries));
}
