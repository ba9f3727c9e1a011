import { sql } from 'kysely';
import { type Claim, type ClaimWant, failure } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { type Move, moveJob, startJobs } from './moves.ts';
import { lockedJob, type RunParts } from './parts.ts';
import { recordOf } from './rows.ts';
import { takeFairly } from './share.ts';

/**
 * Gives jobs to a worker. One claim at a time, over all workers: so what runs can be counted, and no ceiling is ever
 * exceeded. An entry whose job is no longer queued is worth nothing; one that is too late ends here.
 */
export async function claimJobs(
  parts: RunParts,
  worker: string,
  { max, ceilings }: ClaimWant,
): Promise<readonly Claim[]> {
  const { database, queue } = parts;
  return await database.write(async (transaction) => {
    await database.lock(transaction, 'claim');
    if (!(await isAlive(parts, transaction, worker))) return [];
    const running = await runningJobs(transaction, ceilings);
    const entries = await takeFairly({ max, ceilings, running }, (want) => queue.take(transaction, want));
    const jobs: string[] = [];
    for (const entry of entries) {
      // Of a tenant that was not there yet when those who may run nothing were looked for.
      const isBarred = ceilings.others === 0 && !Object.hasOwn(ceilings.tenants, entry.tenant);
      if (isBarred) await queue.enqueue(transaction, [entry]);
      else jobs.push(entry.job);
    }
    const begun = await startJobs(parts, transaction, { jobs, worker });
    for (const job of jobs) if (!begun.has(job)) await expireLate(parts, transaction, job);
    return jobs.flatMap((job) => {
      const row = begun.get(job);
      return row === undefined ? [] : [{ job, epoch: row.epoch, record: recordOf(row) }];
    });
  });
}

/** The move of a job whose deadline has passed. */
export function expired(): Move {
  const problem = failure('deadline-passed', 'The job had not ended by its deadline.');
  return { to: 'expired', why: 'deadline passed', set: { failure: JSON.stringify(problem) } };
}

/** What could not be begun although it was in line: it is too late for it, or it is not queued any more. */
async function expireLate(parts: RunParts, transaction: SqlTransaction, job: string): Promise<void> {
  const row = await lockedJob(parts, transaction, job);
  if (row === null || row.state !== 'queued') return;
  if (row.deadline_at === null || row.deadline_at > parts.database.now()) return;
  await moveJob(parts, { transaction, row }, expired());
}

async function isAlive(
  { database }: RunParts,
  transaction: SqlTransaction,
  worker: string,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('workers')
    .select('id')
    .where('id', '=', worker)
    .where('lease_until', '>', database.now())
    .executeTakeFirst();
  return row !== undefined;
}

/** Who has how many running jobs; where most may have none, also who is to be left out of the line for that. */
async function runningJobs(
  transaction: SqlTransaction,
  { others }: ClaimWant['ceilings'],
): Promise<ReadonlyMap<string, number>> {
  const rows = await transaction
    .selectFrom('jobs')
    .select(['tenant', sql<number | string>`count(*)`.as('jobs')])
    .where('state', '=', 'running')
    .groupBy('tenant')
    .execute();
  const running = new Map(rows.map(({ tenant, jobs }) => [tenant, Number(jobs)]));
  if (others !== 0) return running;
  const queued = await transaction
    .selectFrom('jobs')
    .select('tenant')
    .distinct()
    .where('state', '=', 'queued')
    .execute();
  return new Map([...queued.map(({ tenant }) => [tenant, 0] as const), ...running]);
}
