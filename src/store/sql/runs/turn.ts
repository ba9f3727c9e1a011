import {
  type Asked,
  type AuditEntry,
  fail,
  isEnded,
  type JobRecord,
  type JobState,
  ok,
  type Result,
} from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { noteDone } from './audit.ts';
import { moveJob } from './moves.ts';
import { type JobRow, lockedJob, lockedRows, type RunParts } from './parts.ts';
import { recordOf } from './rows.ts';
import { cancelled } from './settle.ts';

/** A job that a tenant names. */
export interface OwnJob {
  readonly tenant: string;
  readonly id: string;
}

/** What whoever names a job that the tenant does not have is told. */
export function noSuchJob(id: string): Result<never> {
  return fail('not-found', `There is no job ${id}. List the jobs to see which there are.`);
}

/** Locks a job of a tenant; null where the tenant has none of this id. */
export async function lockedOwnJob(
  { database }: RunParts,
  transaction: SqlTransaction,
  { tenant, id }: OwnJob,
): Promise<JobRow | null> {
  const of = lockedRows(database, transaction).where('id', '=', id).where('tenant', '=', tenant);
  return (await of.executeTakeFirst()) ?? null;
}

/**
 * Locks a job that may have to leave the line. Its entry is taken out before the row is locked, in the order in which
 * a claim does: two that lock in different orders would wait for each other. Whoever does not move a queued job in
 * the end lines it up again.
 */
export async function lockedOutOfLine(
  parts: RunParts,
  transaction: SqlTransaction,
  id: string,
): Promise<JobRow | null> {
  await parts.queue.drop(transaction, [id]);
  return await lockedJob(parts, transaction, id);
}

/** Ends a queued or parked job; asks the worker of a running one. */
export async function cancelJob(parts: RunParts, own: OwnJob, asked: Asked): Promise<Result<JobRecord>> {
  return await parts.database.write(async (transaction) => {
    const found = await transaction
      .selectFrom('jobs')
      .select(['state'])
      .where('id', '=', own.id)
      .where('tenant', '=', own.tenant)
      .executeTakeFirst();
    if (found === undefined) return noSuchJob(own.id);
    // An ended job stands in no line, and one that is retried meanwhile must stay in it.
    if (isEnded(found.state as JobState)) return alreadyEnded(own.id, found.state);
    const row = await lockedOutOfLine(parts, transaction, own.id);
    if (row === null) return noSuchJob(own.id);
    if (isEnded(row.state as JobState)) return alreadyEnded(own.id, row.state);
    await noteDone(transaction, entryOf(parts, own, { action: 'job.cancel', by: asked.by }));
    if (row.state !== 'running') {
      return ok(recordOf(await moveJob(parts, { transaction, row }, cancelled(asked.why))));
    }
    return ok(recordOf(await askForEnd(transaction, row)));
  });
}

/** Queues a failed, cancelled or expired job again, with what it has recorded. */
export async function retryJob(parts: RunParts, own: OwnJob, asked: Asked): Promise<Result<JobRecord>> {
  return await parts.database.write(async (transaction) => {
    const row = await lockedOwnJob(parts, transaction, own);
    if (row === null) return noSuchJob(own.id);
    if (!isEnded(row.state as JobState) || row.state === 'succeeded') {
      return fail(
        'wrong-state',
        `Job ${row.id} is ${row.state}: only failed, cancelled and expired jobs can be retried.`,
      );
    }
    const isLate = row.deadline_at !== null && row.deadline_at <= parts.database.now();
    const set = {
      attempts: 0,
      losses: 0,
      cancel_asked: 0,
      failure: null,
      output: null,
      not_before: null,
      // Whoever retries a job that is past its deadline wants it all the same.
      deadline_at: isLate ? null : row.deadline_at,
    };
    await noteDone(transaction, entryOf(parts, own, { action: 'job.retry', by: asked.by }));
    const move = { to: 'queued', why: asked.why, set } as const;
    return ok(recordOf(await moveJob(parts, { transaction, row }, move)));
  });
}

function entryOf(
  { database }: RunParts,
  { tenant, id }: OwnJob,
  { action, by }: Pick<AuditEntry, 'action' | 'by'>,
): AuditEntry {
  return { atMs: database.now(), tenant, by, action, target: id, detail: {} };
}

/** What whoever wants to act on an ended job is told. */
export function alreadyEnded(id: string, state: string): Result<never> {
  return fail('wrong-state', `Job ${id} has already ended: it is ${state}.`);
}

async function askForEnd(transaction: SqlTransaction, row: JobRow): Promise<JobRow> {
  if (row.cancel_asked === 1) return row;
  const change = { cancel_asked: 1, version: row.version + 1 };
  await transaction.updateTable('jobs').set(change).where('id', '=', row.id).execute();
  return { ...row, ...change };
}
