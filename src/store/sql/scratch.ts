import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, InspanError, type Result, type Store } from '../../core/index.ts';
import type { OpenedDatabase } from './database.ts';
import { openPostgresStore, openSqliteStore } from './open-store.ts';

/** Nobody else opens a scratch file, so nobody reads who has it. */
const owner = { processId: 0, host: 'test' };

interface Closable {
  close(): Promise<void>;
}

/** A database with all tables, in a file that is gone once it is closed. For tests. */
export async function openScratchSqlite(clock: Clock): Promise<OpenedDatabase> {
  const { openSqliteDatabase } = await import('./sqlite/open-sqlite-database.ts');
  return await inScratchFile((path) => openMigrated(openSqliteDatabase(path, { clock, owner })));
}

/** A whole store, in a file that is gone once it is closed. For tests. */
export async function openScratchSqliteStore(clock: Clock): Promise<Store> {
  return await inScratchFile(async (path) => whole(await openSqliteStore(path, { clock, owner })));
}

/** As `openScratchSqlite`, on the Postgres at an address: in a database of its own. */
export async function openScratchPostgres(url: string, clock: Clock): Promise<OpenedDatabase> {
  const { openPostgresDatabase } = await import('./postgres/open-postgres-database.ts');
  return await inScratchDatabase(url, (own) =>
    openMigrated(openPostgresDatabase(own, { clock, settlingMs: 0 })),
  );
}

/** As `openScratchSqliteStore`, on the Postgres at an address: in a database of its own. */
export async function openScratchPostgresStore(url: string, clock: Clock): Promise<Store> {
  return await inScratchDatabase(url, async (own) =>
    whole(await openPostgresStore(own, { clock, settlingMs: 0 })),
  );
}

/** An empty Postgres database beside the one at an address, until it is dropped. For tests. */
export async function createScratchDatabase(
  url: string,
): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const [name] = await askOnce<{ name: string }>(
    url,
    "select 'scratch_' || replace(gen_random_uuid()::text, '-', '') as name",
  );
  await askOnce(url, `create database ${name?.name}`);
  const own = new URL(url);
  own.pathname = `/${name?.name}`;
  return {
    url: own.href,
    async drop() {
      await askOnce(url, `drop database ${name?.name} with (force)`);
    },
  };
}

/** The value of a result that a test needs. */
export function whole<T>(result: Result<T>): T {
  if (!result.ok) throw new InspanError([result.failure]);
  return result.value;
}

async function openMigrated(opening: Promise<Result<OpenedDatabase>>): Promise<OpenedDatabase> {
  const database = whole(await opening);
  const { migrate } = await import('./migrations.ts');
  whole(await migrate(database));
  return database;
}

async function inScratchFile<T extends Closable>(open: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'inspan-scratch-'));
  return withEnding(await open(join(folder, 'jobs.db')), () => rm(folder, { recursive: true }));
}

async function inScratchDatabase<T extends Closable>(
  url: string,
  open: (url: string) => Promise<T>,
): Promise<T> {
  const scratch = await createScratchDatabase(url);
  return withEnding(await open(scratch.url), scratch.drop);
}

function withEnding<T extends Closable>(opened: T, end: () => Promise<void>): T {
  return {
    ...opened,
    async close() {
      await opened.close();
      await end();
    },
  };
}

async function askOnce<Row extends object>(url: string, statement: string): Promise<readonly Row[]> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
