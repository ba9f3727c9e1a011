/**
 * Where jobs wait for a worker. Only order and time: what a job is and who holds it is the run store's to know.
 * Every method works inside a transaction of the run store, so job and entry are always true together.
 */
export interface Queue<Transaction> {
  /** Puts jobs in line. None ever stands there twice: its later entry replaces the earlier one. */
  enqueue(transaction: Transaction, entries: readonly QueueEntry[]): Promise<void>;
  /**
   * Takes entries out of the line whose time has come: priority first, then what was begun before, then age. Never
   * gives one entry twice.
   */
  take(transaction: Transaction, want: QueueWant): Promise<readonly QueueEntry[]>;
  /** Takes jobs out of the line, wherever they stand. */
  drop(transaction: Transaction, jobs: readonly string[]): Promise<void>;
}

/** A job in line. */
export interface QueueEntry {
  readonly job: string;
  readonly tenant: string;
  readonly priority: number;
  /** It was begun before and goes on: whoever waits for it has waited already, and what it holds is warm. */
  readonly isBegun: boolean;
  /** Not given out before. */
  readonly notBeforeMs: number | null;
}

/** What to take out of the line. */
export interface QueueWant {
  readonly max: number;
  /** At most this many of one tenant in this call. */
  readonly perTenantMax: number;
  /** Tenants whose entries stay. */
  readonly without: readonly string[];
}
