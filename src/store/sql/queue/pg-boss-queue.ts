import { fromKysely, type PgBoss } from 'pg-boss';
import { hashBytes, type Queue, type QueueEntry } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { bossQueue } from './pg-boss.ts';
import { rankOf } from './rank.ts';
import { takeFairly } from './take-fairly.ts';

/** What an entry of ours holds in pg-boss: all that there is to know of it. */
type EntryData = QueueEntry & { readonly enqueuedAtMs: number };

/**
 * The line of jobs in pg-boss, inside our own transactions. What is taken is deleted in the same transaction, so pg-boss
 * holds entries that wait and nothing else. Takers skip what others have locked: no entry is given twice.
 */
export function createPgBossQueue(boss: PgBoss, { now }: { now(): number }): Queue<SqlTransaction> {
  return {
    async enqueue(transaction, entries) {
      const nowMs = now();
      const jobs = new Map(entries.map((entry) => [bossId(entry.job), toBossJob(entry, nowMs)]));
      if (jobs.size === 0) return;
      const options = { db: fromKysely(transaction), returnId: true };
      const put = await boss.insert(bossQueue, [...jobs.values()], options);
      for (const id of put ?? []) jobs.delete(id);
      if (jobs.size === 0) return;
      // What is left stood in line before.
      await boss.deleteJob(bossQueue, [...jobs.keys()], options);
      await boss.insert(bossQueue, [...jobs.values()], options);
    },
    take: (transaction, want) =>
      takeFairly(want, (count, without) => takeFirst(boss, transaction, { count, without })),
    async drop(transaction, jobs) {
      if (jobs.length === 0) return;
      await boss.deleteJob(bossQueue, jobs.map(bossId), { db: fromKysely(transaction) });
    },
  };
}

function toBossJob(entry: QueueEntry, nowMs: number) {
  const { job, tenant, notBeforeMs } = entry;
  return {
    id: bossId(job),
    data: { ...entry, enqueuedAtMs: nowMs } satisfies EntryData,
    priority: rankOf(entry),
    group: { id: tenant },
    ...(notBeforeMs === null ? {} : { startAfter: new Date(notBeforeMs).toISOString() }),
  };
}

/** pg-boss names by UUID: one that follows from the job's id, so that an entry is found by it. */
function bossId(job: string): string {
  return hashBytes(job).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

async function takeFirst(
  boss: PgBoss,
  transaction: SqlTransaction,
  { count, without }: { readonly count: number; readonly without: readonly string[] },
): Promise<readonly QueueEntry[]> {
  const db = fromKysely(transaction);
  const jobs = await boss.fetch<EntryData>(bossQueue, { db, batchSize: count, ignoreGroups: [...without] });
  if (jobs.length === 0) return [];
  await boss.deleteJob(
    bossQueue,
    jobs.map(({ id }) => id),
    { db },
  );
  // They come in no order.
  return jobs
    .map(({ data }) => data)
    .sort((a, b) => rankOf(b) - rankOf(a) || a.enqueuedAtMs - b.enqueuedAtMs)
    .map(({ job, tenant, priority, isBegun, notBeforeMs }) => ({
      job,
      tenant,
      priority,
      isBegun,
      notBeforeMs,
    }));
}
