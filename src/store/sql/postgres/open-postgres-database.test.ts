import { sql } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock as clock } from '../../../../test/setup/clock.ts';
import type { OpenedDatabase, SqlTransaction } from '../database.ts';
import { createScratchDatabase, openScratchPostgres, whole } from '../scratch.ts';
import { openPostgresDatabase } from './open-postgres-database.ts';

const url = inject('postgres') ?? '';
const closing: { close(): Promise<void> }[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

describe('an address of Postgres', () => {
  it('that is none is refused without repeating it', async () => {
    const message = await refusal('postgres:secret@nowhere');
    expect(message).toMatch(/must look like postgres:/);
    expect(message).not.toContain('secret');
  });

  it('at which nobody answers is told so, without its password', async () => {
    const message = await refusal('postgres://me:secret@127.0.0.1:1/db', 'storage-failed');
    expect(message).toMatch(/does not answer.*ECONNREFUSED/);
    expect(message).not.toContain('secret');
  });

  it.runIf(url !== '')('of a database that is not there is told so', async () => {
    const own = new URL(url);
    own.pathname = '/not_there';
    expect(await refusal(own.href)).toMatch(/"not_there" does not exist/);
  });
});

describe.runIf(url !== '')('Postgres', () => {
  it('gives numbers as numbers, also counts and sums', async () => {
    const database = await open();
    await keepNote(database, 'a');
    const row = await database.read
      .selectFrom('audit')
      .select(({ fn }) => ['place', 'at', fn.countAll().over().as('all'), fn.sum('at').over().as('sum')])
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ place: 1, at: 1_700_000_000_000, all: 1, sum: 1_700_000_000_000 });
  });

  it('an error undoes the whole work and is thrown on', async () => {
    const database = await open();
    const failing = database.write(async (transaction) => {
      await insertNote(transaction, 'undone');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await notes(database)).toEqual([]);
  });

  it('a write whose connection is lost before the commit is made again, and kept once', async () => {
    const database = await open();
    let runs = 0;
    await database.write(async (transaction) => {
      runs += 1;
      await insertNote(transaction, `run ${runs}`);
      if (runs === 1) await endConnection(database, transaction);
      await insertNote(transaction, 'end');
    });
    expect(await notes(database)).toEqual(['run 2', 'end']);
  });

  it('works that wait for each other in a circle both end well', async () => {
    const database = await open();
    const bothHaveOne = Promise.withResolvers<void>();
    let having = 0;
    const take = (names: readonly [string, string]) =>
      database.write(async (transaction) => {
        await sql`set local deadlock_timeout = '20ms'`.execute(transaction);
        await database.lock(transaction, names[0]);
        having += 1;
        if (having === 2) bothHaveOne.resolve();
        await bothHaveOne.promise;
        await database.lock(transaction, names[1]);
        await insertNote(transaction, names[1]);
      });
    await Promise.all([take(['a', 'b']), take(['b', 'a'])]);
    expect((await notes(database)).toSorted()).toEqual(['a', 'b']);
  });

  it('a lock keeps others waiting until the transaction ends', async () => {
    const database = await open();
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const holding = database.write(async (transaction) => {
      await database.lock(transaction, 'name');
      first.resolve();
      await sql`select pg_sleep(0.05)`.execute(transaction);
      order.push('first');
    });
    await first.promise;
    await database.write(async (transaction) => {
      await database.lock(transaction, 'name');
      order.push('second');
    });
    await holding;
    expect(order).toEqual(['first', 'second']);
  });

  it('lets nobody wait for a process that is frozen in the middle of its transaction, which begins it again', async () => {
    const [here, there] = await openTwo();
    const locked = Promise.withResolvers<void>();
    const thawed = Promise.withResolvers<void>();
    let tries = 0;
    const frozen = here.write(async (transaction) => {
      tries += 1;
      await here.lock(transaction, 'name');
      locked.resolve();
      await thawed.promise;
      await here.lock(transaction, 'other');
    });
    await locked.promise;
    await there.write((transaction) => there.lock(transaction, 'name'));
    thawed.resolve();
    await frozen;
    expect(tries).toBe(2);
  });

  it('announces work when it is committed, to everyone who waits, and not before', async () => {
    const [here, there] = await openTwo();
    // Listening begins with the first wait: from then on nothing is missed.
    await there.waitForWork(1, never);
    await here.write((transaction) => here.announceWork(transaction));
    await expect(there.waitForWork(60_000, never)).resolves.toBe(undefined);
  });

  it('has one clock for all: that of the server', async () => {
    const database = await open();
    const slow = { ...clock, now: () => clock.now() - 3_600_000 };
    const other = whole(await openPostgresDatabase(await urlOf(database), { clock: slow }));
    closing.push(other);
    expect(Math.abs(other.now() - database.now())).toBeLessThan(1000);
  });
});

describe.runIf(url !== '')('who is alive on Postgres', () => {
  it('a worker is gone once nobody holds its lock, whichever process asks', async () => {
    const [here, there] = await openTwo();
    await there.liveness.hold('there');
    await here.liveness.hold('here');
    expect(await gone(here, ['here', 'there', 'nobody'])).toEqual(['nobody']);
    expect(await gone(there, ['here', 'there'])).toEqual([]);
    await here.liveness.letGo('here');
    expect(await gone(there, ['here', 'there'])).toEqual(['here']);
    await closing.pop()?.close();
    await expect.poll(() => gone(here, ['there'])).toEqual(['there']);
  });

  it('a worker whose connection is cut takes its lock again', async () => {
    const database = await open();
    await database.liveness.hold('worker');
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'inspan session' and datname = current_database()`.execute(database.read);
    await expect.poll(() => gone(database, ['worker'])).toEqual([]);
  });

  it('nobody is gone while all come back after a start of the server', async () => {
    const database = await open();
    const careful = whole(
      await openPostgresDatabase(await urlOf(database), { clock, settlingMs: 365 * 24 * 3_600_000 }),
    );
    closing.push(careful);
    expect(await gone(careful, ['nobody'])).toEqual([]);
  });

  it('who has come back since the start of the server is gone as soon as it is gone', async () => {
    const { url: own, drop } = await createScratchDatabase(url);
    closing.push({ close: drop });
    const forever = { clock, settlingMs: 365 * 24 * 3_600_000 };
    const [careful, other] = [
      whole(await openPostgresDatabase(own, forever)),
      whole(await openPostgresDatabase(own, forever)),
    ];
    closing.push(careful, other);
    await other.liveness.hold('seen');
    expect(await gone(careful, ['seen', 'nobody'])).toEqual([]);
    await other.liveness.letGo('seen');
    expect(await gone(careful, ['seen', 'nobody'])).toEqual(['seen']);
    expect(await gone(careful, ['seen', 'nobody'])).toEqual(['seen']);
  });
});

async function open(): Promise<OpenedDatabase> {
  const database = await openScratchPostgres(url, clock);
  closing.push(database);
  return database;
}

/** Two on one database, as two processes are. */
async function openTwo(): Promise<readonly [OpenedDatabase, OpenedDatabase]> {
  const scratch = await createScratchDatabase(url);
  closing.push({ close: scratch.drop });
  const openOne = async () => whole(await openPostgresDatabase(scratch.url, { clock, settlingMs: 0 }));
  const both = [await openOne(), await openOne()] as const;
  closing.push(...both);
  return both;
}

async function refusal(address: string, code = 'wrong-config'): Promise<string> {
  const result = await openPostgresDatabase(address, { clock });
  if (result.ok) throw new Error('It was opened');
  expect(result.failure.code).toBe(code);
  return result.failure.message;
}

async function urlOf({ read }: OpenedDatabase): Promise<string> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(read);
  const own = new URL(url);
  own.pathname = `/${rows[0]?.name}`;
  return own.href;
}

/** Ends a transaction's connection from the server's side. */
async function endConnection({ read }: OpenedDatabase, transaction: SqlTransaction): Promise<void> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
  await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(read);
}

function gone(database: OpenedDatabase, workers: readonly string[]): Promise<readonly string[]> {
  return database.write((transaction) => database.liveness.gone(transaction, workers));
}

async function insertNote(transaction: OpenedDatabase['read'], target: string): Promise<void> {
  const row = { at: 1_700_000_000_000, tenant: 't', by_whom: 'b', action: 'a', target, detail: 'null' };
  await transaction.insertInto('audit').values(row).execute();
}

function keepNote(database: OpenedDatabase, target: string): Promise<void> {
  return database.write((transaction) => insertNote(transaction, target));
}

async function notes({ read }: OpenedDatabase): Promise<readonly string[]> {
  const rows = await read.selectFrom('audit').select('target').orderBy('place').execute();
  return rows.map(({ target }) => target);
}
