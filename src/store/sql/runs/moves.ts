import { canMove, isEnded, type JobState, type Wait } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { announce } from './deliveries.ts';
import type { JobRow, RunParts } from './parts.ts';

/** Where a job goes, why, and what else of it changes. */
export interface Move {
  readonly to: JobState;
  /** One word or sentence for whoever reads the job's stream. */
  readonly why: string;
  readonly set?: Partial<JobRow>;
}

/**
 * Moves a job whose row is locked: the one place where a state changes. Row, place in line, stream and messages to
 * webhooks are always changed together. Throws where the job may not go: whoever calls has looked before.
 */
export async function moveJob(
  parts: RunParts,
  { transaction, row }: { readonly transaction: SqlTransaction; readonly row: JobRow },
  { to, why, set = {} }: Move,
): Promise<JobRow> {
  if (!canMove(row.state as JobState, to)) {
    throw new Error(`Job ${row.id} is ${row.state} and cannot become ${to}.`);
  }
  const nowMs = parts.database.now();
  const change = {
    ...settings(to, nowMs),
    ...set,
    state: to,
    version: row.version + 1,
    event_seq: row.event_seq + 1,
  };
  const moved: JobRow = { ...row, ...change };
  await transaction.updateTable('jobs').set(change).where('id', '=', row.id).execute();
  await tellMove(transaction, moved, { why, nowMs });
  if (to === 'queued') await lineUp(parts, transaction, moved);
  else if (row.state === 'queued' && to !== 'running') await parts.queue.drop(transaction, row.id);
  await announce(transaction, moved, nowMs);
  return moved;
}

/**
 * Gives jobs that were taken out of the line to a worker. Each gets a new epoch, as by `moveJob`, but all of them in
 * two statements, because a worker that begins takes many. Leaves out what is no longer queued or too late.
 */
export async function startJobs(
  { database }: RunParts,
  transaction: SqlTransaction,
  { jobs, worker }: { readonly jobs: readonly string[]; readonly worker: string },
): Promise<ReadonlyMap<string, JobRow>> {
  if (jobs.length === 0) return new Map();
  const nowMs = database.now();
  const rows: readonly JobRow[] = await transaction
    .updateTable('jobs')
    .set(({ eb, fn, val }) => ({
      ...settings('running', nowMs),
      state: 'running',
      worker,
      version: eb('version', '+', 1),
      epoch: eb('epoch', '+', 1),
      attempts: eb('attempts', '+', 1),
      event_seq: eb('event_seq', '+', 1),
      started_at: fn.coalesce('started_at', val(nowMs)),
    }))
    .where('id', 'in', jobs)
    .where('state', '=', 'queued')
    .where(({ eb, or }) => or([eb('deadline_at', 'is', null), eb('deadline_at', '>', nowMs)]))
    .returningAll()
    .execute();
  const events = rows.map((row) => movedEvent(row, { why: 'begun', nowMs }));
  if (events.length > 0) await transaction.insertInto('events').values(events).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Brings a new job into being: queued, with its place in line and the first event of its stream. */
export async function beginJob(
  parts: RunParts,
  { transaction, row }: { readonly transaction: SqlTransaction; readonly row: JobRow },
  why: string,
): Promise<void> {
  await tellMove(transaction, row, { why, nowMs: row.created_at });
  await lineUp(parts, transaction, row);
}

/** What a state says of the columns that depend on it; a move may say more. */
function settings(to: JobState, nowMs: number): Partial<JobRow> {
  const nothing = { worker: null, waits: '[]', wake_at: null };
  if (to === 'running') return { failure: null };
  if (isEnded(to)) return { ...nothing, ended_at: nowMs };
  return { ...nothing, ended_at: null };
}

/** The columns that hold what a parked job waits for. */
export function waitColumns(waits: readonly Wait[]): Pick<JobRow, 'waits' | 'wake_at'> {
  const times = waits.flatMap(({ untilMs }) => (untilMs === null ? [] : [untilMs]));
  return { waits: JSON.stringify(waits), wake_at: times.length === 0 ? null : Math.min(...times) };
}

interface Told {
  readonly why: string;
  readonly nowMs: number;
}

async function tellMove(transaction: SqlTransaction, row: JobRow, told: Told): Promise<void> {
  await transaction.insertInto('events').values(movedEvent(row, told)).execute();
}

function movedEvent({ id, event_seq, state, epoch }: JobRow, { why, nowMs }: Told) {
  const body = JSON.stringify({ type: 'job-moved', state, epoch, why });
  return { job: id, seq: event_seq, at: nowMs, body };
}

/** Puts a queued job in line, and wakes whoever waits for work. */
export async function lineUp(
  { database, queue }: RunParts,
  transaction: SqlTransaction,
  row: JobRow,
): Promise<void> {
  await queue.enqueue(transaction, {
    job: row.id,
    tenant: row.tenant,
    priority: row.priority,
    isBegun: row.started_at !== null,
    notBeforeMs: row.not_before,
  });
  await database.announceWork(transaction);
}
