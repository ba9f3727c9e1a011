import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock as clock } from '../../../../test/setup/clock.ts';
import { StorageError } from '../../../core/index.ts';
import type { OpenedDatabase } from '../database.ts';
import { migrate } from '../migrations.ts';
import { whole } from '../scratch.ts';
import { openSqliteDatabase } from './open-sqlite-database.ts';

const owner = { processId: process.pid, host: 'here' };
const opened: OpenedDatabase[] = [];
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspan-test-'));
  path = join(folder, 'jobs.db');
});

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  rmSync(folder, { recursive: true });
});

describe('writing to SQLite', () => {
  it('an error of one work undoes that one alone', async () => {
    const database = await open();
    const outcomes = await Promise.allSettled([
      keepNote(database, 'first'),
      database.write(async (transaction) => {
        await insertNote(transaction, 'undone');
        throw new Error('no');
      }),
      keepNote(database, 'last'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await notes(database)).toEqual(['first', 'last']);
  });

  it('works that come together share one commit', async () => {
    const database = await open();
    const before = await changeCounter(database);
    await Promise.all(Array.from({ length: 100 }, (_, index) => keepNote(database, `${index}`)));
    expect((await notes(database)).length).toBe(100);
    expect((await changeCounter(database)) - before).toBe(1);
  });

  it('a reader never sees what is not committed', async () => {
    const database = await open();
    await database.write(async (transaction) => {
      await insertNote(transaction, 'new');
      expect(await notes(database)).toEqual([]);
    });
    expect(await notes(database)).toEqual(['new']);
  });

  it('a full disk keeps exactly what was said to be kept, and later writes go on', async () => {
    const database = await open();
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.schema);
    const pages = rows[0]?.page_count ?? 0;
    await sql`pragma max_page_count = ${sql.lit(pages + 2)}`.execute(database.schema);
    const words = ['small', 'x'.repeat(100_000), 'other'];
    const outcomes = await Promise.allSettled(words.map((word) => keepNote(database, word)));
    const kept = words.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(await notes(database)).toEqual(kept);
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { outcome: 'undone' } });
    expect((outcomes[1] as PromiseRejectedResult).reason).toBeInstanceOf(StorageError);
    await sql`pragma max_page_count = 1000000`.execute(database.schema);
    await keepNote(database, 'after');
    expect(await notes(database)).toEqual([...kept, 'after']);
  });

  it('closing waits for what is under way and refuses what comes later', async () => {
    const database = await open();
    const under = keepNote(database, 'under way');
    opened.splice(0);
    await database.close();
    await under;
    await expect(keepNote(database, 'late')).rejects.toThrow('closed');
    expect(await notes(await open())).toEqual(['under way']);
  });

  it('gives room back to the machine', async () => {
    const database = await open();
    await Promise.all(Array.from({ length: 50 }, () => keepNote(database, 'x'.repeat(100_000))));
    await database.write((transaction) => transaction.deleteFrom('audit').execute());
    await database.shrink();
    opened.splice(0);
    await database.close();
    expect(statSync(path).size).toBeLessThan(1_000_000);
  });
});

describe('waiting for work in one process', () => {
  it('wakes when work is announced and committed, also when nobody listened at that moment', async () => {
    const database = await open();
    const never = new AbortController().signal;
    const waiting = database.waitForWork(60_000, never);
    await database.write((transaction) => database.announceWork(transaction));
    await waiting;
    await database.write((transaction) => database.announceWork(transaction));
    await expect(database.waitForWork(60_000, never)).resolves.toBe(undefined);
  });

  it('wakes when the signal fires', async () => {
    const stop = new AbortController();
    const waiting = (await open()).waitForWork(60_000, stop.signal);
    stop.abort();
    await expect(waiting).resolves.toBe(undefined);
  });
});

describe('the owner of a file', () => {
  it('a second one is told who it is, and a killed owner leaves the file free and whole', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', otherProcess(path)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const refused = await openSqliteDatabase(path, { clock, owner });
    expect(refused).toMatchObject({
      ok: false,
      failure: { code: 'store-in-use', message: expect.stringContaining(`process ${child.pid} on there`) },
    });
    child.kill('SIGKILL');
    await once(child, 'close');
    const database = await open();
    expect(await notes(database)).toEqual(['kept']);
  });

  it('is also one against itself', async () => {
    await open();
    expect(await openSqliteDatabase(path, { clock, owner })).toMatchObject({
      failure: { code: 'store-in-use' },
    });
  });

  it('workers that this process does not hold are gone', async () => {
    const database = await open();
    await database.liveness.hold('mine');
    const gone = () => database.write((transaction) => database.liveness.gone(transaction, ['mine', 'old']));
    expect(await gone()).toEqual(['old']);
    await database.liveness.letGo('mine');
    expect(await gone()).toEqual(['mine', 'old']);
  });
});

describe('what cannot be opened', () => {
  it('a file of another kind is left as it is, and nothing is put beside it', async () => {
    writeFileSync(path, 'dear diary');
    expect(await refusal(path)).toMatch(/no database of Inspan/);
    expect(readFileSync(path, 'utf8')).toBe('dear diary');
  });

  it('a database of another program is left as it is', async () => {
    const other = new DatabaseSync(path);
    other.exec('create table diary (text)');
    other.close();
    const before = readFileSync(path);
    expect(await refusal(path)).toMatch(/no database of Inspan/);
    expect(readFileSync(path)).toEqual(before);
  });

  it('a folder that is not there, or a folder instead of a file, is one clear line', async () => {
    expect(await refusal(join(folder, 'missing', 'jobs.db'))).toMatch(/There is no folder .*missing/);
    expect(await refusal(folder)).toMatch(/This is no file/);
  });

  it('an empty file is a new database, readable to nobody else once made here', async () => {
    writeFileSync(path, '');
    await open();
    const other = join(folder, 'other.db');
    opened.push(whole(await openSqliteDatabase(other, { clock, owner })));
    expect(statSync(other).mode & 0o077).toBe(0);
  });

  it('a folder in which no file can be made is one clear line', async () => {
    // Not even root can, where there is such a folder.
    const result = await openSqliteDatabase('/proc/self/fdinfo/inspan.db', { clock, owner });
    expect(result.ok ? '' : result.failure.message).toMatch(
      /^(The database cannot be opened|There is no folder)/,
    );
  });
});

async function open(): Promise<OpenedDatabase> {
  const database = whole(await openSqliteDatabase(path, { clock, owner }));
  opened.push(database);
  whole(await migrate(database));
  return database;
}

async function refusal(file: string): Promise<string> {
  const result = await openSqliteDatabase(file, { clock, owner });
  if (result.ok) throw new Error('It was opened');
  expect(result.failure.code).toBe('wrong-config');
  return result.failure.message;
}

async function insertNote(transaction: OpenedDatabase['read'], target: string): Promise<void> {
  const row = { at: 1, tenant: 't', by_whom: 'b', action: 'a', target, detail: 'null' };
  await transaction.insertInto('audit').values(row).execute();
}

function keepNote(database: OpenedDatabase, target: string): Promise<void> {
  return database.write((transaction) => insertNote(transaction, target));
}

async function notes({ read }: OpenedDatabase): Promise<readonly string[]> {
  const rows = await read.selectFrom('audit').select('target').orderBy('place').execute();
  return rows.map(({ target }) => target);
}

/** Grows by one with each commit that another connection made. */
async function changeCounter({ read }: OpenedDatabase): Promise<number> {
  const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(read);
  return rows[0]?.data_version ?? 0;
}

function otherProcess(file: string): string {
  const here = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
  return `
    import { openSqliteDatabase } from ${here('open-sqlite-database.ts')};
    import { migrate } from ${here('../migrations.ts')};
    const clock = { now: () => 0, sleep: async () => {} };
    const owner = { processId: process.pid, host: 'there' };
    const { value: database } = await openSqliteDatabase(${JSON.stringify(file)}, { clock, owner });
    await migrate(database);
    const note = { at: 1, tenant: 't', by_whom: 'b', action: 'a', target: 'kept', detail: 'null' };
    await database.write((transaction) => transaction.insertInto('audit').values(note).execute());
    console.log('open');
    setInterval(() => {}, 1000);
  `;
}
