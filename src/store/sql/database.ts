import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** A transaction on the tables. */
export type SqlTransaction = Transaction<Tables>;

/**
 * Runs a statement of SQLite as part of the work that `write` is running. There a statement is a call within this
 * process: what is written a thousand times a second costs more to build and to wait for than to do.
 */
export type CallStatement = <Row>(
  statement: string,
  values: readonly (string | number | null)[],
) => Called<Row>;

/** What a statement has done. */
export interface Called<Row> {
  readonly changes: number;
  /** What it returns, where it returns anything. */
  readonly rows: readonly Row[];
}

/** One SQL database, whatever its dialect: the same statements run on both. */
export interface SqlDatabase {
  readonly kind: 'sqlite' | 'postgres';
  /** Sees what has been committed. */
  readonly read: Kysely<Tables>;
  /** ms since 1970; the one clock of the store. */
  now(): number;
  /**
   * Runs work in a transaction and resolves when it has been committed for good. A throw undoes all of it and is thrown
   * on. In SQLite, works that come together share one commit, each undone alone: a work awaits nothing but its queries.
   * In Postgres it may run several times, of which one counts: when the server has undone it, or was lost before the
   * commit. Rejects with a `StorageError` when the storage fails.
   */
  write<T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T>;
  /** Null in Postgres, where every statement is a round trip. */
  readonly call: CallStatement | null;
  /** Keeps whoever asks for the same name waiting until this transaction ends. */
  lock(transaction: SqlTransaction, name: string): Promise<void>;
  /** Locks the row of a job until this transaction ends, so that its changes come one after the other. */
  lockJob(transaction: SqlTransaction, id: string): Promise<void>;
  /** Says that somebody may have put a job in line, once this transaction is committed. */
  announceWork(transaction: SqlTransaction): Promise<void>;
  /** Resolves soon after somebody did, at `ms` at the latest, or when the signal fires. */
  waitForWork(ms: number, signal: AbortSignal): Promise<void>;
  ping(): Promise<void>;
  /** Gives the room of removed rows back to the machine, where the database does not by itself. */
  shrink(): Promise<void>;
  close(): Promise<void>;
}

/** A database as its driver gives it. */
export interface OpenedDatabase extends SqlDatabase {
  readonly liveness: Liveness;
  /** For changes of the schema alone: everything else is written through `write`. */
  readonly schema: Kysely<Tables>;
  /** Runs work while no other process that asks for the same runs its own. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** Who of the workers is alive; each dialect knows in its own way. */
export interface Liveness {
  /** Makes a worker's life visible to others, for as long as this process lives. */
  hold(worker: string): Promise<void>;
  letGo(worker: string): Promise<void>;
  /** Of these workers, those that are surely gone, though their lease is not over yet. */
  gone(transaction: SqlTransaction, workers: readonly string[]): Promise<readonly string[]>;
}
