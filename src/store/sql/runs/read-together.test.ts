import type { KyselyPlugin } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../../../test/setup/clock.ts';
import { StorageError } from '../../../core/index.ts';
import { begun, done, newJob } from '../../run-store-contract-jobs.ts';
import type { OpenedDatabase } from '../database.ts';
import { installBoss, openBoss } from '../queue/pg-boss.ts';
import { createPgBossQueue } from '../queue/pg-boss-queue.ts';
import { createSqliteQueue } from '../queue/sqlite-queue.ts';
import { openScratchPostgres, openScratchSqlite } from '../scratch.ts';
import { isOneOf } from './read-together.ts';
import { type OpenedRuns, type Opening, openRuns } from './under-test.ts';

const url = inject('postgres');
const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

const sqlite: Opening = {
  open: () => openScratchSqlite(systemClock),
  createQueue: async (database) => createSqliteQueue(database),
};
const postgres: Opening = {
  async open() {
    const database = await openScratchPostgres(url ?? '', systemClock);
    await installBoss(database);
    return database;
  },
  createQueue: async (database) => createPgBossQueue(await openBoss(database), database),
};

describe('what is asked for together in SQLite', () => {
  sharedPromises(sqlite);
});

describe.runIf(url !== null)('what is asked for together in Postgres', () => {
  sharedPromises(postgres);

  it('is one statement for all jobs that are looked for', async () => {
    const { runs, statements } = await open(postgres);
    await acceptMany(runs, 20);
    const jobs = await counted(statements, () => Promise.all(ids(20).map((id) => runs.find('acme', id))));
    expect(jobs.map((job) => job?.id)).toEqual(ids(20));
    expect(statements.count).toBe(1);
  });

  it('is one statement of each kind for all jobs that begin', async () => {
    const { runs, statements } = await open(postgres);
    await acceptMany(runs, 20);
    const begin = (id: string) => Promise.all([runs.brief(id), runs.records(id), runs.events(id, 0, 500)]);
    const read = await counted(statements, () => Promise.all(ids(20).map(begin)));
    expect(read.map(([brief]) => brief)).toEqual(ids(20).map((id) => ({ text: id })));
    expect(statements.count).toBe(3);
  });

  it('is one statement for all blobs', async () => {
    const { blobs, statements } = await open(postgres);
    const hashes = await Promise.all([1, 2, 3].map((byte) => blobs.put(new Uint8Array([byte]))));
    const [first, all] = await counted(statements, () =>
      Promise.all([blobs.get(hashes[0] ?? ''), blobs.getAll([...hashes, 'none'])]),
    );
    expect(first).toEqual(new Uint8Array([1]));
    expect([...all.keys()]).toEqual(hashes);
    expect(statements.count).toBe(1);
  });

  it('fails for everyone who shares a statement when the storage fails, and for nobody else', async () => {
    const { runs, statements } = await open(postgres);
    await acceptMany(runs, 2);
    statements.failNext = new StorageError('lost', 'undone', null);
    const answers = await Promise.allSettled(ids(2).map((id) => runs.events(id, 0, 10)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await runs.events('job-0', 0, 10)).toHaveLength(1);
  });

  it('is answered for the others where one asks for what is not there, or cannot be asked', async () => {
    const { runs } = await open(postgres);
    await acceptMany(runs, 2);
    const answers = await Promise.allSettled([
      runs.brief('nobody'),
      runs.brief('job-0'),
      runs.events('job-0', 0.5, 10),
      runs.events('job-1', 0, 10),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(answers[0]).toMatchObject({ reason: new Error('There is no job nobody.') });
  });

  it('is the same text of a statement for any number of asks', async () => {
    const { database } = await open(postgres);
    const textOf = (values: readonly string[]) =>
      database.read
        .selectFrom('jobs')
        .where(isOneOf(database, 'id', values))
        .selectAll()
        .compile().sql;
    expect(textOf(['a', 'b', 'c'])).toBe(textOf(['a']));
  });
});

function sharedPromises(opening: Opening): void {
  it('is given to its tenant alone, also where two ask for the same ids at once', async () => {
    const { runs } = await open(opening);
    await runs.accept(newJob('of-ann', { tenant: 'ann' }));
    await runs.accept(newJob('of-bob', { tenant: 'bob' }));
    const asks = ['ann', 'bob', 'ann'].flatMap((tenant) =>
      ['of-ann', 'of-bob'].map(async (id) => (await runs.find(tenant, id))?.tenant ?? null),
    );
    expect(await Promise.all(asks)).toEqual(['ann', null, null, 'bob', 'ann', null]);
  });

  it('is whole for each, however much it is for all', async () => {
    const { runs } = await open(opening);
    const lease = await begun(runs, 'long');
    await runs.accept(newJob('short'));
    const told = Array.from({ length: 150 }, (_, at) => ({ type: 'warning', message: `${at}` }) as const);
    await runs.emit(lease, told);
    await Promise.all(told.map((_, at) => runs.append(lease, done(`step-${at}`))));
    const whole = await runs.events('long', 0, 1_000);
    expect(whole.map(({ seq }) => seq)).toEqual(Array.from({ length: 152 }, (_, at) => at + 1));
    const steps = await runs.steps('long', 0, 1_000);
    expect(steps).toHaveLength(150);
    const places = Array.from({ length: 130 }, (_, at) => at);
    const pages = places.map((after) => runs.events('long', after, 100));
    const journals = places.map(() => runs.records('long'));
    expect(await runs.events('short', 0, 1_000)).toHaveLength(1);
    expect(await Promise.all(pages)).toEqual(places.map((after) => whole.slice(after, after + 100)));
    expect(await Promise.all(journals)).toEqual(places.map(() => steps));
  });
}

interface Statements {
  count: number;
  failNext: StorageError | null;
}

/** Opens a store whose reading statements are counted, and fail when they shall. */
async function open(opening: Opening): Promise<OpenedRuns & { readonly statements: Statements }> {
  const statements: Statements = { count: 0, failNext: null };
  const counting: KyselyPlugin = {
    transformQuery({ node }) {
      statements.count += 1;
      return node;
    },
    async transformResult({ result }) {
      const { failNext } = statements;
      statements.failNext = null;
      if (failNext !== null) throw failNext;
      return result;
    },
  };
  const opened = await openRuns({
    ...opening,
    async open(): Promise<OpenedDatabase> {
      const database = await opening.open();
      return { ...database, read: database.read.withPlugin(counting) };
    },
  });
  closings.push(opened.close);
  return { ...opened, statements };
}

async function counted<T>(statements: Statements, ask: () => Promise<T>): Promise<T> {
  statements.count = 0;
  return await ask();
}

function ids(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `job-${at}`);
}

async function acceptMany(runs: OpenedRuns['runs'], count: number): Promise<void> {
  await Promise.all(ids(count).map((id) => runs.accept(newJob(id, { brief: { text: id } }))));
}
