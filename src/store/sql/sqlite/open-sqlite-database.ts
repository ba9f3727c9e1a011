import type { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { type Clock, fail, ok, type Result } from '../../../core/index.ts';
import { createBell } from '../bell.ts';
import type { Liveness, OpenedDatabase } from '../database.ts';
import type { Tables } from '../tables.ts';
import { createCall, createSqliteDialect } from './dialect.ts';
import { createGroupCommit } from './group-commit.ts';
import { findFault, openReader, openWriter } from './open-file.ts';
import { type Owner, type Ownership, ownFile } from './owner.ts';

/** Pages given back at once: 8 MB, some milliseconds of work. */
const pagesMax = 2000;

/** What a SQLite database needs beside its file. */
export interface SqliteOptions {
  readonly clock: Clock;
  /** Who this process is, for whoever finds the file in use. */
  readonly owner: Owner;
}

/**
 * Opens a file as a database that this process alone uses; makes it where there is none.
 * `store-in-use` names the process that has it; `wrong-config` says what is wrong with the path.
 */
export async function openSqliteDatabase(
  path: string,
  { clock, owner }: SqliteOptions,
): Promise<Result<OpenedDatabase>> {
  try {
    const fault = findFault(path);
    if (fault !== null) return { ok: false, failure: fault };
    const owned = ownFile(path, owner, clock.now());
    if (!owned.ok) return owned;
    return ok(joinDatabase(path, clock, owned.value));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail('storage-failed', `The database cannot be opened: ${reason}.`, { place: { file: path } });
  }
}

function joinDatabase(path: string, clock: Clock, ownership: Ownership): OpenedDatabase {
  const { writing, reading } = openBoth(path, ownership);
  const writer = new Kysely<Tables>({ dialect: createSqliteDialect(writing, { isShared: false }) });
  const read = new Kysely<Tables>({ dialect: createSqliteDialect(reading, { isShared: true }) });
  const bell = createBell(clock);
  let isAnnounced = false;
  const { write, close } = createGroupCommit(writing, writer, () => {
    if (isAnnounced) bell.ring();
    isAnnounced = false;
  });
  return {
    kind: 'sqlite',
    read,
    schema: writer,
    // Nobody else has the file.
    alone: (work) => work(),
    liveness: createLiveness(),
    now: () => clock.now(),
    write,
    call: createCall(writing),
    // Nothing to lock: all writes come one after the other.
    lock: async () => {},
    lockJob: async () => {},
    async announceWork() {
      isAnnounced = true;
    },
    waitForWork: bell.wait,
    async ping() {
      await sql`select 1`.execute(read);
    },
    shrink: () => shrink(write),
    async close() {
      await close();
      await read.destroy();
      await writer.destroy();
      ownership.release();
    },
  };
}

function openBoth(path: string, ownership: Ownership): { writing: DatabaseSync; reading: DatabaseSync } {
  try {
    const writing = openWriter(path);
    return { writing, reading: openReader(path) };
  } catch (error) {
    ownership.release();
    throw error;
  }
}

/** One process has the file: workers that it does not hold belonged to processes that are no more. */
function createLiveness(): Liveness {
  const held = new Set<string>();
  return {
    async hold(worker) {
      held.add(worker);
    },
    async letGo(worker) {
      held.delete(worker);
    },
    gone: async (_transaction, workers) => workers.filter((worker) => !held.has(worker)),
  };
}

/** In slices, so that others write in between. */
async function shrink(write: OpenedDatabase['write']): Promise<void> {
  for (let free = Number.POSITIVE_INFINITY; free > 0; ) {
    const left = await write(async (transaction) => {
      await sql`pragma incremental_vacuum(${sql.lit(pagesMax)})`.execute(transaction);
      const { rows } = await sql<{ freelist_count: number }>`pragma freelist_count`.execute(transaction);
      return rows[0]?.freelist_count ?? 0;
    });
    // A file that was made without the means to shrink stays as it is.
    free = left < free ? left : 0;
  }
}
