import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Clock, hashBytes } from '../../../core/index.ts';
import { newJob } from '../../run-store-contract-jobs.ts';
import { runStoreContract, runStoreRaces } from '../../testing.ts';
import type { OpenedDatabase } from '../database.ts';
import { migrate } from '../migrations.ts';
import { openPostgresDatabase } from '../postgres/open-postgres-database.ts';
import { createBoss, installBoss } from '../queue/pg-boss.ts';
import { createPgBossQueue } from '../queue/pg-boss-queue.ts';
import { whole } from '../scratch.ts';
import { crashAtEveryWrite } from './crash-script.ts';
import { type OpenedRuns, type Opening, openRuns, type Rewrite } from './under-test.ts';

const server = inject('postgres');
const name = `inspan_runs_${process.pid}_${Math.random().toString(36).slice(2)}`;
const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};

describe.runIf(server !== null)('the run store in Postgres', () => {
  const closings: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    await onServer(`create database ${name}`);
    const database = await openDatabase();
    whole(await migrate(database));
    await installBoss(database);
    await database.close();
  });
  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });
  afterAll(() => onServer(`drop database ${name} with (force)`));

  const openNew = async (rewrite?: Rewrite): Promise<OpenedRuns> => {
    await empty();
    const opening: Opening = {
      async open() {
        const database = closedOnce(await openDatabase());
        closings.push(database.close);
        return database;
      },
      async createQueue(database) {
        const boss = createBoss(database, { migrate: false });
        await boss.start();
        return createPgBossQueue(boss, database);
      },
    };
    return await openRuns(opening, rewrite === undefined ? {} : { rewrite });
  };
  for (const { promise, check } of runStoreContract) it(promise, () => check(() => openNew()));
  for (const { promise, check } of runStoreRaces) it(promise, () => check(() => openNew()));

  it('jobs that come together are kept by few commits, one that comes alone by one', async () => {
    let commits = 0;
    const { runs } = await openNew((write) => (work) => {
      commits += 1;
      return write(work);
    });
    const seed = Buffer.from('seed');
    const seeds = [{ path: 'brief.md', hash: hashBytes(seed), bytesSize: seed.length, version: 1 }];
    const accept = (id: string) => runs.accept(newJob(id, { seeds, contents: [seed] }));
    await accept('alone');
    expect(commits).toBe(1);
    await Promise.all(Array.from({ length: 100 }, (_, at) => accept(`job-${at}`)));
    expect(commits).toBe(2);
  });

  it.each(['before commit', 'after commit'] as const)(
    'a job ends once and keeps every record once, at whatever write the process dies %s',
    async (time) => {
      expect(await crashAtEveryWrite(time, openNew)).toBeGreaterThan(14);
    },
    60_000,
  );
});

async function openDatabase(): Promise<OpenedDatabase> {
  return whole(await openPostgresDatabase(address(name), { clock }));
}

function closedOnce(database: OpenedDatabase): OpenedDatabase {
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= database.close();
    return closing;
  };
  return { ...database, close };
}

async function empty(): Promise<void> {
  const tables = `jobs, job_labels, steps, events, files, signals, teams, blobs, blob_uses, workers, webhooks, deliveries`;
  await statement(address(name), `truncate ${tables}; delete from pgboss.job`);
}

async function onServer(sql: string): Promise<void> {
  await statement(server ?? '', sql);
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function address(database: string): string {
  const url = new URL(server ?? '');
  url.pathname = `/${database}`;
  return url.href;
}
