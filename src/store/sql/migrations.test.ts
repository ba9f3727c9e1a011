import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock as clock } from '../../../test/setup/clock.ts';
import type { OpenedDatabase } from './database.ts';
import { createMigrator, migrate, pendingMigrations } from './migrations.ts';
import { migratePostgres, migrateSqlite, openPostgresStore, openSqliteStore } from './open-store.ts';
import { openPostgresDatabase } from './postgres/open-postgres-database.ts';
import { createScratchDatabase, whole } from './scratch.ts';
import { openSqliteDatabase } from './sqlite/open-sqlite-database.ts';

const owner = { processId: process.pid, host: 'here' };
const ending: (() => unknown)[] = [];
const url = inject('postgres') ?? '';
const allChanges = [
  '0001-jobs',
  '0002-desk',
  '0003-losses',
  '0004-cursors',
  '0005-look-ups',
  '0006-job-numbers',
];

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

  it('stay as they were when a change fails half-way', async () => {
    await expectNothingHalfMade(await openSqlite());
  });

  it('keep what stands in them when jobs get numbers', async () => {
    await expectKeptWhenNumbered(await openSqlite());
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

  it('stay as they were when a change fails half-way', async () => {
    for (const database of await openPostgres(1)) await expectNothingHalfMade(database);
  });

  it('keep what stands in them when jobs get numbers', async () => {
    for (const database of await openPostgres(1)) await expectKeptWhenNumbered(database);
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

/** In the way of the second change stands a table of its name. */
async function expectNothingHalfMade(database: OpenedDatabase): Promise<void> {
  await sql`create table schedules (id text)`.execute(database.schema);
  expect(await migrate(database)).toMatchObject({
    failure: { code: 'storage-failed', message: expect.stringContaining('("0002-desk")') },
  });
  // The first two say which changes were made: none.
  expect(await tables(database)).toEqual(['inspan_migrations', 'inspan_migrations_lock', 'schedules']);
  expect(whole(await pendingMigrations(database))).toEqual(expect.arrayContaining(allChanges));
  await sql`drop table schedules`.execute(database.schema);
  expect(await migrate(database)).toMatchObject({ ok: true, value: expect.arrayContaining(allChanges) });
}

async function expectKeptWhenNumbered(database: OpenedDatabase): Promise<void> {
  const { schema, read } = database;
  expect(await createMigrator(database).migrateTo('0005-look-ups')).not.toHaveProperty('error');
  for (const [id, at] of [
    ['job_b', 2],
    ['job_a', 1],
  ] as const)
    await insertUnnumbered(schema, id, at);
  whole(await migrate(database));
  const jobs = await read
    .selectFrom('jobs')
    .select(['number', 'id', 'losses', 'brief'])
    .orderBy('id')
    .execute();
  expect(jobs).toEqual([
    { number: 1, id: 'job_a', losses: 3, brief: 'hash of job_a' },
    { number: 2, id: 'job_b', losses: 3, brief: 'hash of job_b' },
  ]);
  const steps = await read
    .selectFrom('steps')
    .select(['seq', 'job_number', 'record'])
    .orderBy('seq')
    .execute();
  expect(steps).toEqual([
    { seq: 1, job_number: 2, record: 'step of job_b' },
    { seq: 2, job_number: 1, record: 'step of job_a' },
  ]);
  const events = await read.selectFrom('events').selectAll().orderBy('job_number').execute();
  expect(events).toEqual([
    { job_number: 1, seq: 1, at: 1, body: 'event of job_a' },
    { job_number: 2, seq: 1, at: 2, body: 'event of job_b' },
  ]);
}

/** A job with a step and an event, as they stood before jobs had numbers. */
async function insertUnnumbered(schema: OpenedDatabase['schema'], id: string, at: number): Promise<void> {
  await sql`
    insert into jobs (id, tenant, team, digest, state, version, epoch, attempts, priority, created_at, cancel_asked,
      waits, labels, by_whom, brief, event_seq, losses)
    values (${id}, 'local', 'kit', 'digest', 'running', 2, 1, 1, 0, ${at}, 0, '[]', '{}', 'test',
      ${`hash of ${id}`}, 1, 3)`.execute(schema);
  await sql`
    insert into steps (job, epoch, at, inherited, key, type, record)
    values (${id}, 1, ${at}, 0, 'key', 'started', ${`step of ${id}`})`.execute(schema);
  await sql`insert into events (job, seq, at, body) values (${id}, 1, ${at}, ${`event of ${id}`})`.execute(
    schema,
  );
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
