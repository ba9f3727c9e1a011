import assert from 'node:assert/strict';
import type { Queue, QueueEntry, QueueWant } from '../core/index.ts';

/** One promise of a queue and the check that holds it. */
export interface QueuePromise {
  readonly promise: string;
  /** `open` gives an empty queue. */
  check(open: () => Promise<QueueUnderTest>): Promise<void>;
}

/** A queue under test, with the transactions that it works in. */
export interface QueueUnderTest {
  /** Runs work with the queue in a transaction of its own; a throw undoes it. */
  inTransaction<T>(work: (queue: BoundQueue) => Promise<T>): Promise<T>;
  /** ms of the store's clock. */
  now(): number;
}

/** A queue bound to a transaction. */
export interface BoundQueue {
  enqueue(entries: readonly QueueEntry[]): Promise<void>;
  take(want: QueueWant): Promise<readonly QueueEntry[]>;
  drop(jobs: readonly string[]): Promise<void>;
}

/** Binds a queue to a transaction. */
export function bindQueue<Transaction>(queue: Queue<Transaction>, transaction: Transaction): BoundQueue {
  return {
    enqueue: (entries) => queue.enqueue(transaction, entries),
    take: (want) => queue.take(transaction, want),
    drop: (jobs) => queue.drop(transaction, jobs),
  };
}

const everything: QueueWant = { max: 100, perTenantMax: 100, without: [] };

/** What every queue promises. Give each entry to your test runner. */
export const queueContract: readonly QueuePromise[] = [
  {
    promise: 'gives what was put in, whole, and only once',
    async check(open) {
      const queue = await open();
      const put = entry('a', {
        tenant: 'zwölf "x"',
        priority: -7,
        isBegun: true,
        notBeforeMs: queue.now() - 1000,
      });
      await enqueue(queue, [put]);
      assert.deepEqual(await take(queue), [put]);
      assert.deepEqual(await take(queue), []);
    },
  },
  {
    promise: 'gives the higher priority first, then the older entry',
    async check(open) {
      const queue = await open();
      for (const [job, priority] of Object.entries({ a: 0, b: 5, c: 0, d: 5, e: -100, f: 100 })) {
        await enqueue(queue, [entry(job, { priority })]);
      }
      const order: string[] = [];
      for (let left = 6; left > 0; left--) order.push(...(await takeJobs(queue, { max: 1 })));
      assert.deepEqual(order, ['f', 'b', 'd', 'a', 'c', 'e']);
    },
  },
  {
    promise: 'of one priority, what was begun before goes first',
    async check(open) {
      const queue = await open();
      await enqueue(queue, [entry('a'), entry('high', { priority: 1 }), entry('low', { priority: -1 })]);
      await enqueue(queue, [
        entry('on', { isBegun: true }),
        entry('low-on', { priority: -1, isBegun: true }),
      ]);
      const order: string[] = [];
      for (let left = 5; left > 0; left--) order.push(...(await takeJobs(queue, { max: 1 })));
      assert.deepEqual(order, ['high', 'on', 'a', 'low-on', 'low']);
    },
  },
  {
    promise: 'gives nothing before its time',
    async check(open) {
      const queue = await open();
      const later = entry('later', { notBeforeMs: queue.now() + 60_000 });
      await enqueue(queue, [later, entry('now'), entry('past', { notBeforeMs: queue.now() - 1 })]);
      assert.deepEqual((await takeJobs(queue)).toSorted(), ['now', 'past']);
      assert.deepEqual(await take(queue), []);
    },
  },
  {
    promise: 'never gives one entry to two takers, however many take at once',
    async check(open) {
      const queue = await open();
      const jobs = Array.from({ length: 60 }, (_, index) => `job-${index}`);
      await enqueue(
        queue,
        jobs.map((job) => entry(job)),
      );
      const taken: string[] = [];
      // Takers that come in each other's way may get less at once, never the same.
      while (taken.length < jobs.length) {
        const round = await Promise.all(Array.from({ length: 8 }, () => takeJobs(queue, { max: 5 })));
        taken.push(...round.flat());
      }
      assert.deepEqual(taken.toSorted(), jobs.toSorted());
    },
  },
  {
    promise: 'a job never stands in line twice: a later entry replaces the earlier one',
    async check(open) {
      const queue = await open();
      await enqueue(queue, [entry('a', { priority: 1, notBeforeMs: queue.now() + 60_000 })]);
      await enqueue(queue, [entry('a', { priority: 2, tenant: 'other' })]);
      assert.deepEqual(await take(queue), [entry('a', { priority: 2, tenant: 'other' })]);
      assert.deepEqual(await take(queue), []);
    },
  },
  {
    promise:
      'of many put in line at once, those that stood there are replaced and the last of each job holds',
    async check(open) {
      const queue = await open();
      await enqueue(queue, [entry('a', { notBeforeMs: queue.now() + 60_000 }), entry('c')]);
      await enqueue(queue, []);
      await enqueue(queue, [
        entry('a', { priority: 4 }),
        entry('b', { priority: 9 }),
        entry('b', { priority: 3 }),
        entry('d', { priority: 2 }),
      ]);
      assert.deepEqual(await takeJobs(queue), ['a', 'b', 'd', 'c']);
      assert.deepEqual(await take(queue), []);
    },
  },
  {
    promise: 'a job that was taken may stand in line again',
    async check(open) {
      const queue = await open();
      for (const _round of [1, 2, 3]) {
        await enqueue(queue, [entry('a')]);
        assert.deepEqual(await takeJobs(queue), ['a']);
      }
    },
  },
  {
    promise: 'drops jobs wherever they stand; dropping one that is not there changes nothing',
    async check(open) {
      const queue = await open();
      await enqueue(queue, [entry('a'), entry('b'), entry('c'), entry('d')]);
      await queue.inTransaction(({ drop }) => drop(['b', 'unknown', 'd']));
      await queue.inTransaction(({ drop }) => drop(['unknown']));
      await queue.inTransaction(({ drop }) => drop([]));
      assert.deepEqual((await takeJobs(queue)).toSorted(), ['a', 'c']);
    },
  },
  {
    promise: 'gives no more of one tenant than is wanted, and the first ones of each',
    async check(open) {
      const queue = await open();
      for (const job of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) {
        await enqueue(queue, [entry(job, { tenant: job.slice(0, 1) })]);
      }
      const first = await takeJobs(queue, { max: 5, perTenantMax: 2 });
      assert.deepEqual(first.toSorted(), ['a1', 'a2', 'b1', 'b2', 'c1']);
      assert.deepEqual(await takeJobs(queue, { max: 1 }), ['a3']);
      assert.deepEqual(await takeJobs(queue, { perTenantMax: 0 }), []);
    },
  },
  {
    promise: 'a long line of one tenant hides nobody else',
    async check(open) {
      const queue = await open();
      const many = Array.from({ length: 50 }, (_, index) => entry(`a${index}`, { tenant: 'a', priority: 9 }));
      await enqueue(queue, [...many, entry('b', { tenant: 'b' }), entry('c', { tenant: 'c' })]);
      const tenants = (await take(queue, { max: 4, perTenantMax: 2 })).map(({ tenant }) => tenant);
      assert.deepEqual(tenants.toSorted(), ['a', 'a', 'b', 'c']);
    },
  },
  {
    promise: 'leaves the entries of tenants that are to wait',
    async check(open) {
      const queue = await open();
      await enqueue(
        queue,
        ['a', 'b', 'c'].map((name) => entry(name, { tenant: name })),
      );
      assert.deepEqual(await takeJobs(queue, { without: ['a', 'c', 'unknown'] }), ['b']);
      assert.deepEqual((await takeJobs(queue)).toSorted(), ['a', 'c']);
    },
  },
  {
    promise: 'what a transaction does is undone with it',
    async check(open) {
      const queue = await open();
      await enqueue(queue, [entry('stays'), entry('also')]);
      const undone = queue.inTransaction(async ({ enqueue: put, take: get, drop }) => {
        await put([entry('never')]);
        await drop(['also']);
        await get({ ...everything, max: 1 });
        throw new Error('undo');
      });
      await assert.rejects(undone, /undo/);
      assert.deepEqual((await takeJobs(queue)).toSorted(), ['also', 'stays']);
    },
  },
];

function entry(job: string, more: Partial<QueueEntry> = {}): QueueEntry {
  return { job, tenant: 'tenant', priority: 0, isBegun: false, notBeforeMs: null, ...more };
}

async function enqueue(queue: QueueUnderTest, entries: readonly QueueEntry[]): Promise<void> {
  await queue.inTransaction((bound) => bound.enqueue(entries));
}

async function take(queue: QueueUnderTest, want: Partial<QueueWant> = {}): Promise<readonly QueueEntry[]> {
  return await queue.inTransaction((bound) => bound.take({ ...everything, ...want }));
}

async function takeJobs(queue: QueueUnderTest, want: Partial<QueueWant> = {}): Promise<readonly string[]> {
  return (await take(queue, want)).map(({ job }) => job);
}
