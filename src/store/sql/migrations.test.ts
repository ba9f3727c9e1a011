import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock as clock } from '../../../test/setup/clock.ts';
import type { OpenedDatabase } from './database.ts';
import { migrate, pendingMigrations } from './migrations.ts';
import { migratePostgres, migrateSqlite, openPostgresStore, openSqliteStore } from './open-store.ts';
import { openPostgresDatabase } from './postgres/open-postgres-database.ts';
import { createScratchDatabase, whole } from './scratch.ts';
import { openSqliteDatabase } from './sqlite/open-sqlite-database.ts';

const owner = { processId: process.pid, host: 'here' };
const ending: (() => unknown)[] = [];
const url = inject('postgres') ?? '';
const allChanges = ['0001-jobs', '0002-desk', '0003-losses', '0004-cursors', '0005-look-ups'];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

describe('the tables in SQLite', () => {
  it('are made once; what is still to be made is told before', async () => {
    const database = await openSqlite();
    expect(whole(await pendingMigrations(database))).toEqual(allChanges);
    expect(whole(await migrate(database))).toEqual(allChanges);
    expect(whole(await migrate(database))).toEqual([]);
    expect(whole(await pendingMigrations(database))).toEqual([]);
  });

  it('that a newer Inspan has changed are left alone', async () => {
    await expectRefusedWhenNewer(await openSqlite());
  });

  it('are not touched by whoever may not change them', async () => {
    const path = join(scratchFolder(), 'jobs.db');
    const options = { clock, owner };
    expect(await openSqliteStore(path, { ...options, migrate: false })).toMatchObject({
      failure: { code: 'wrong-config', message: expect.stringContaining('inspan migrate') },
    });
    expect(whole(await migrateSqlite(path, options))).toEqual(allChanges);
    const store = whole(await openSqliteStore(path, { ...options, migrate: false }));
    await store.ping();
    await store.close();
  });
});

describe.runIf(url !== '')('the tables in Postgres', () => {
  it('are made once, however many start at the same time', async () => {
    const databases = await openPostgres(4);
    const made = await Promise.all(databases.map(migrate));
    expect(made.every(({ ok }) => ok)).toBe(true);
    expect(whole(await pendingMigrations(databases[0] as OpenedDatabase))).toEqual([]);
    expect(await tables(databases[0] as OpenedDatabase)).toEqual(expect.arrayContaining(['jobs', 'audit']));
  });

  it('that a newer Inspan has changed are left alone', async () => {
    for (const database of await openPostgres(1)) await expectRefusedWhenNewer(database);
  });

  it('are not touched by whoever may not change them', async () => {
    const scratch = await createScratchDatabase(url);
    ending.push(scratch.drop);
    expect(await openPostgresStore(scratch.url, { clock, migrate: false })).toMatchObject({
      failure: { code: 'wrong-config', message: expect.stringContaining('pg-boss') },
    });
    expect(whole(await migratePostgres(scratch.url, { clock }))).toEqual([...allChanges, 'pg-boss']);
    const store = whole(await openPostgresStore(scratch.url, { clock, migrate: false }));
    await store.ping();
    await store.close();
  });
});

async function expectRefusedWhenNewer(database: OpenedDatabase): Promise<void> {
  whole(await migrate(database));
  await sql`insert into inspan_migrations (name, timestamp) values ('9999-future', '')`.execute(
    database.schema,
  );
  expect(await migrate(database)).toMatchObject({
    failure: { code: 'wrong-config', message: expect.stringContaining('newer Inspan ("9999-future")') },
  });
}

function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inspan-test-'));
  ending.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function openSqlite(): Promise<OpenedDatabase> {
  const database = whole(await openSqliteDatabase(join(scratchFolder(), 'jobs.db'), { clock, owner }));
  ending.push(database.close);
  return database;
}

async function openPostgres(times: number): Promise<readonly OpenedDatabase[]> {
  const scratch = await createScratchDatabase(url);
  ending.push(scratch.drop);
  return await Promise.all(
    Array.from({ length: times }, async () => {
      const database = whole(await openPostgresDatabase(scratch.url, { clock }));
      ending.push(database.close);
      return database;
    }),
  );
}

async function tables({ read }: OpenedDatabase): Promise<readonly string[]> {
  return (await read.introspection.getTables()).map(({ name }) => name);
}
