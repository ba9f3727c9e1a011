import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { Blobs, Lease, Queue } from '../../../core/index.ts';
import type { Liveness, SqlDatabase, SqlTransaction } from '../database.ts';
import type { JobsTable, Tables } from '../tables.ts';
import { jsonRows } from './json-rows.ts';

/** What a run store is made of. */
export interface RunParts {
  readonly database: SqlDatabase;
  readonly queue: Queue<SqlTransaction>;
  readonly liveness: Liveness;
  readonly blobs: Blobs;
}

/** How much of many jobs goes into one commit. */
export const commitMax = {
  /** More save little, and all of them wait for the last one, their rows locked. */
  jobs: 100,
  /** Of what one job brings or leaves; more is kept before, so that its neighbours need not wait for it. */
  bytes: 64 * 1024,
} as const;

/** A job as its row says it. */
export type JobRow = Selectable<JobsTable>;

/** Locks a job's row and reads it. Nobody else changes the job before this transaction ends. */
export async function lockedJob(
  { database }: RunParts,
  transaction: SqlTransaction,
  id: string,
): Promise<JobRow | null> {
  return (await lockedRows(database, transaction).where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Selects rows of jobs and locks them, where there is anybody to lock them from. */
export function lockedRows(
  { kind }: SqlDatabase,
  transaction: SqlTransaction,
): SelectQueryBuilder<Tables, 'jobs', JobRow> {
  const rows = transaction.selectFrom('jobs').selectAll();
  return kind === 'sqlite' ? rows : rows.forUpdate();
}

/**
 * Locks the rows of many jobs and reads them. By id, as everybody who locks many: two that lock in different orders
 * would wait for each other.
 */
export async function lockedJobs(
  { database }: RunParts,
  transaction: SqlTransaction,
  ids: readonly string[],
): Promise<readonly JobRow[]> {
  if (database.kind === 'sqlite') {
    return await lockedRows(database, transaction).where('id', 'in', ids).execute();
  }
  const wanted = ids.toSorted().map((id) => ({ id }));
  const { rows } = await sql<JobRow>`
    select jobs.* from ${jsonRows({ id: 'text' }, wanted)} as given
    join jobs on jobs.id = given.id
    order by given.place
    for update of jobs`.execute(transaction);
  return rows;
}

/** Names a lease: two are the same where both its parts are. */
export function leaseName({ job, epoch }: Lease): string {
  return `${epoch} ${job}`;
}
