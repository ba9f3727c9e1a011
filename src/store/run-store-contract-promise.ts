import type { Blobs, RunStore } from '../core/index.ts';

/** One promise of a run store and the check that holds it. */
export interface RunStorePromise {
  readonly promise: string;
  /** `open` gives a store with nothing in it. */
  check(open: () => Promise<RunStoreUnderTest>): Promise<void>;
}

/** A store under test, and what may befall it. */
export interface RunStoreUnderTest {
  readonly runs: RunStore;
  /** The blobs that the store keeps its large parts in. */
  readonly blobs: Blobs;
  /** The store's clock moves on. What waits in line until a time may go by another clock. */
  pass(ms: number): void;
  /** The process that has the store ends without a word; another one opens it. */
  reopen(): Promise<RunStoreUnderTest>;
}
