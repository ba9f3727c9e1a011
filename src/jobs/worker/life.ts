import type { Clock } from '../../core/index.ts';

/** What a worker knows of its own life. A process that is frozen does not feel it: only the clock tells it later. */
export interface Life {
  /** Takes in that the store has extended the lease when it was asked at this time, in ms, or later. */
  prove(askedAtMs: number): void;
  /** True while nobody else can have been given what the worker holds, because its lease is not over. */
  isSure(): boolean;
}

/** Of a lease, the last third is doubtful: clocks of two machines differ, and what is done next takes time too. */
const sureShare = 2 / 3;

/** Makes the life of a worker that the store does not know yet. */
export function createLife(clock: Clock, leaseMs: number): Life {
  let provenAtMs = Number.NEGATIVE_INFINITY;
  return {
    prove(askedAtMs) {
      provenAtMs = askedAtMs;
    },
    isSure: () => clock.now() - provenAtMs < leaseMs * sureShare,
  };
}
