/**
 * Looks random, from 0 to below 1; always the same for the same seed and place.
 * Nothing is drawn in sequence, so what one request meets never hangs on how others were interleaved.
 * The mixing is that of mulberry32 (Tommy Ettinger, public domain).
 */
export function randomAt(seed: number, ...place: readonly number[]): number {
  const mixed = place.reduce(
    (state, part) => mix(Math.imul(state ^ part, goldenRatio) + increment),
    mix(seed),
  );
  return mixed / 2 ** 32;
}

/** mulberry32's step, and 2^32 divided by the golden ratio: both spread neighbouring numbers wide apart. */
const increment = 0x6d2b79f5;
const goldenRatio = 0x9e3779b1;

function mix(state: number): number {
  const once = Math.imul(state ^ (state >>> 15), state | 1);
  const twice = once ^ (once + Math.imul(once ^ (once >>> 7), once | 61));
  return (twice ^ (twice >>> 14)) >>> 0;
}
