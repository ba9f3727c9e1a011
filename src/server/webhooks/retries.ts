const [secondMs, minuteMs, hourMs] = [1000, 60_000, 3_600_000] as const;

/** Waits before each further try, as Standard Webhooks suggests: three days and a bit in all. */
const waitsMs: readonly number[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/** How far a wait is moved either way, so that what failed together does not come back together. */
const jitter = 0.2;

/** How long to wait after so many tries, in ms; null where that was the last one. `random`: from 0 up to 1. */
export function retryAfter(tries: number, random: number): number | null {
  const waitMs = waitsMs[tries - 1];
  return waitMs === undefined ? null : Math.round(waitMs * (1 - jitter + 2 * jitter * random));
}
