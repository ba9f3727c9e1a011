import type { Clock } from '../../core/index.ts';

/** How many unknown keys may be looked up: whoever makes keys up must not keep the store busy. */
export interface GuessLimit {
  /** How long the next one has to wait, in ms; 0: not at all. */
  waitMs(): number;
  /** Counts one that was looked up and not found. */
  count(): void;
}

/** Wrong keys of a whole process: some clients that were set up wrong, not a search. */
const guessesPerSecond = 10;
const guessesBurst = 100;

/** Makes a limit that all who send unknown keys share. */
export function createGuessLimit(clock: Pick<Clock, 'now'>): GuessLimit {
  let left = guessesBurst;
  let atMs = clock.now();
  const refill = (): void => {
    const nowMs = clock.now();
    left = Math.min(guessesBurst, left + ((nowMs - atMs) / 1000) * guessesPerSecond);
    atMs = nowMs;
  };
  return {
    waitMs() {
      refill();
      return left >= 1 ? 0 : Math.ceil(((1 - left) / guessesPerSecond) * 1000);
    },
    count() {
      refill();
      left -= 1;
    },
  };
}
