import type { Selectable } from 'kysely';
import type { Blobs, Queue } from '../../../core/index.ts';
import type { Liveness, SqlDatabase, SqlTransaction } from '../database.ts';
import type { JobsTable } from '../tables.ts';

/** What a run store is made of. */
export interface RunParts {
  readonly database: SqlDatabase;
  readonly queue: Queue<SqlTransaction>;
  readonly liveness: Liveness;
  readonly blobs: Blobs;
}

/** A job as its row says it. */
export type JobRow = Selectable<JobsTable>;

/** Locks a job's row and reads it. Nobody else changes the job before this transaction ends. */
export async function lockedJob(
  { database }: RunParts,
  transaction: SqlTransaction,
  id: string,
): Promise<JobRow | null> {
  await database.lockJob(transaction, id);
  return await jobRow(transaction, id);
}

/** Reads a job's row. */
export async function jobRow(executor: SqlDatabase['read'], id: string): Promise<JobRow | null> {
  const row = await executor.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
  return row ?? null;
}
