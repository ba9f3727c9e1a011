import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { SqlDatabase, SqlTransaction } from '../database.ts';
import type { Tables } from '../tables.ts';
import { tellStorage } from './sqlite-error.ts';

/**
 * Works in one commit. One `fdatasync` costs as much as some ten works, so more would save little, and all of them
 * together keep the event loop for a few milliseconds.
 */
const worksMax = 256;

/**
 * Turns of the event loop whose works come into one commit. It stands still while the disk is waited for, about a
 * millisecond: on a busy loop so many turns take some milliseconds, and commits a small part of the time; on an idle one
 * they take no time at all.
 */
const turnsToGather = 1;

/** Writes that come together are committed together. */
export interface GroupCommit {
  readonly write: SqlDatabase['write'];
  /** Resolves when all writes so far are committed or undone; later ones are refused. */
  close(): Promise<void>;
}

interface Waiting {
  run(transaction: SqlTransaction): Promise<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** Makes the one way to write through a connection. `committed` is called after each commit. */
export function createGroupCommit(
  connection: DatabaseSync,
  writer: Kysely<Tables>,
  committed: () => void,
): GroupCommit {
  let waiting: Waiting[] = [];
  let working: Promise<void> | null = null;
  let isClosed = false;
  const commitAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      for (let turn = 0; turn < turnsToGather; turn++) await nextTurn();
      const batch = waiting.slice(0, worksMax);
      waiting = waiting.slice(worksMax);
      if (await commitTogether(batch, connection, writer)) committed();
    }
    working = null;
  };
  return {
    write: <T>(work: (transaction: SqlTransaction) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (isClosed) return reject(new Error('The store is closed.'));
        waiting.push({ run: work, resolve: (value) => resolve(value as T), reject });
        working ??= commitAll();
      }),
    async close() {
      isClosed = true;
      await working;
    },
  };
}

/** Lets the event loop do what else there is. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** False when nothing was kept. */
async function commitTogether(
  batch: readonly Waiting[],
  connection: DatabaseSync,
  writer: Kysely<Tables>,
): Promise<boolean> {
  const endings: (() => void)[] = [];
  try {
    await writer.transaction().execute(async (transaction) => {
      for (const each of batch) endings.push(await runAlone(each, transaction, connection));
    });
  } catch (error) {
    const told = tellStorage(error, endings.length < batch.length ? 'undone' : 'unknown');
    for (const { reject } of batch) reject(told);
    return false;
  }
  for (const end of endings) end();
  return true;
}

/** Runs one work so that its failure undoes nothing of its neighbours. Gives what to say once all are committed. */
async function runAlone(
  { run, resolve, reject }: Waiting,
  transaction: SqlTransaction,
  connection: DatabaseSync,
): Promise<() => void> {
  connection.exec('savepoint work');
  try {
    const value = await run(transaction);
    connection.exec('release work');
    return () => resolve(value);
  } catch (error) {
    // A full disk undoes the whole transaction: then none of the batch was kept.
    if (!connection.isTransaction) throw error;
    connection.exec('rollback to work; release work');
    return () => reject(tellStorage(error, 'undone'));
  }
}
