import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../core/index.ts';
import { runStoreContract, runStoreRaces } from '../../testing.ts';
import type { OpenedDatabase } from '../database.ts';
import { migrate } from '../migrations.ts';
import { createSqliteQueue } from '../queue/sqlite-queue.ts';
import { whole } from '../scratch.ts';
import { openSqliteDatabase } from '../sqlite/open-sqlite-database.ts';
import { crashAtEveryWrite } from './crash-script.ts';
import { type OpenedRuns, type Opening, openRuns, type Rewrite } from './under-test.ts';

const clock: Clock = { now: () => 1_800_000_000_000, sleep: async () => {} };
const closings: (() => Promise<void>)[] = [];

describe('the run store in SQLite', () => {
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
  });

  for (const { promise, check } of runStoreContract) it(promise, () => check(() => openNew()));
  for (const { promise, check } of runStoreRaces) it(promise, () => check(() => openNew()));

  it.each(['before commit', 'after commit'] as const)(
    'a job ends once and keeps every record once, at whatever write the process dies %s',
    async (time) => {
      expect(await crashAtEveryWrite(time, openNew)).toBeGreaterThan(14);
    },
    60_000,
  );
});

async function openNew(rewrite?: Rewrite): Promise<OpenedRuns> {
  const folder = await mkdtemp(join(tmpdir(), 'inspan-runs-'));
  closings.push(() => rm(folder, { recursive: true }));
  const opening: Opening = {
    async open() {
      const owner = { processId: 0, host: 'test' };
      const database = whole(await openSqliteDatabase(join(folder, 'jobs.db'), { clock, owner }));
      whole(await migrate(database));
      return closedOnce(database);
    },
    createQueue: async (database) => createSqliteQueue(database),
  };
  return await openRuns(opening, rewrite === undefined ? {} : { rewrite });
}

/** Closes a database after the test, unless the test did. */
function closedOnce(database: OpenedDatabase): OpenedDatabase {
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= database.close();
    return closing;
  };
  closings.push(close);
  return { ...database, close };
}
