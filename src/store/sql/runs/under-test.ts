import type { Blobs, Queue, RunStore } from '../../../core/index.ts';
import { createBlobs } from '../blobs.ts';
import type { OpenedDatabase, SqlDatabase, SqlTransaction } from '../database.ts';
import { createRunStore } from './run-store.ts';

/** How a database under test is opened, as another process would find it. */
export interface Opening {
  open(): Promise<OpenedDatabase>;
  createQueue(database: OpenedDatabase): Promise<Queue<SqlTransaction>>;
}

/** Changes how a store under test writes. */
export type Rewrite = (write: SqlDatabase['write']) => SqlDatabase['write'];

/** A run store for tests, whose clock can be moved on. */
export interface OpenedRuns {
  readonly runs: RunStore;
  readonly blobs: Blobs;
  readonly database: OpenedDatabase;
  pass(ms: number): void;
  reopen(): Promise<OpenedRuns>;
  close(): Promise<void>;
}

/** Opens a run store; `passedMs` is how far its clock has been moved on. */
export async function openRuns(
  opening: Opening,
  { passedMs = 0, rewrite = (write) => write }: { passedMs?: number; rewrite?: Rewrite } = {},
): Promise<OpenedRuns> {
  let movedMs = passedMs;
  let isOpen = true;
  const opened = await opening.open();
  const now = () => opened.now() + movedMs;
  const database = { ...opened, now, write: rewrite(opened.write) };
  const blobs = createBlobs(database);
  const queue = await opening.createQueue(database);
  const runs = createRunStore({ database, queue, blobs, liveness: opened.liveness });
  const close = async (): Promise<void> => {
    if (isOpen) await opened.close();
    isOpen = false;
  };
  return {
    runs,
    blobs,
    database,
    pass: (ms) => {
      movedMs += ms;
    },
    async reopen() {
      await close();
      return await openRuns(opening, { passedMs: movedMs });
    },
    close,
  };
}
