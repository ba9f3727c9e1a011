import type { Queue, QueueEntry } from '../../../core/index.ts';
import type { SqlDatabase, SqlTransaction } from '../database.ts';
import { fromRank, rankOf } from './rank.ts';
import { takeFairly } from './take-fairly.ts';

/** The line of jobs in a table. All writes come one after the other, so no entry can be given twice. */
export function createSqliteQueue({ now }: Pick<SqlDatabase, 'now'>): Queue<SqlTransaction> {
  return {
    async enqueue(transaction, entries) {
      // One by one: here a statement is a call, and a short one costs less than a long one.
      for (const queued of entries) {
        const { job, tenant, notBeforeMs } = queued;
        const entry = { job, tenant, priority: rankOf(queued), not_before: notBeforeMs };
        await transaction.replaceInto('queue').values(entry).execute();
      }
    },
    take: (transaction, want) =>
      takeFairly(want, (count, without) => takeFirst(transaction, now(), { count, without })),
    async drop(transaction, jobs) {
      if (jobs.length === 0) return;
      await transaction.deleteFrom('queue').where('job', 'in', jobs).execute();
    },
  };
}

async function takeFirst(
  transaction: SqlTransaction,
  nowMs: number,
  { count, without }: { readonly count: number; readonly without: readonly string[] },
): Promise<readonly QueueEntry[]> {
  const first = await transaction
    .selectFrom('queue')
    .select(['place', 'job', 'tenant', 'priority', 'not_before'])
    .where((is) => is.or([is('not_before', 'is', null), is('not_before', '<=', nowMs)]))
    .$if(without.length > 0, (query) => query.where('tenant', 'not in', without))
    .orderBy('priority', 'desc')
    .orderBy('place')
    .limit(count)
    .execute();
  if (first.length === 0) return [];
  const places = first.map(({ place }) => place);
  await transaction.deleteFrom('queue').where('place', 'in', places).execute();
  return first.map(({ job, tenant, priority, not_before }) => ({
    job,
    tenant,
    ...fromRank(priority),
    notBeforeMs: not_before,
  }));
}
