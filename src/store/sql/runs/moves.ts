import {
  canMove,
  isEnded,
  type JobState,
  type QueueEntry,
  type StoredEvent,
  type UnnumberedEvent,
  type Wait,
} from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { announce } from './deliveries.ts';
import { insertEvents, placed, rowOf } from './emit.ts';
import type { JobRow, RunParts } from './parts.ts';
import { type ChangedColumns, writeRows } from './write-rows.ts';

/** Where a job goes, why, and what else of it changes. */
export interface Move {
  readonly to: JobState;
  /** One word or sentence for whoever reads the job's stream. */
  readonly why: string;
  readonly set?: Partial<ChangedColumns>;
  /** What the stream tells before the move itself. */
  readonly events?: readonly UnnumberedEvent[];
}

/** A job as it is now, and what its stream was told last. */
export interface Moved {
  readonly row: JobRow;
  readonly events: readonly StoredEvent[];
}

/**
 * Moves jobs whose rows are locked: the one place where states change. Row, place in line, stream and messages to
 * webhooks are always changed together. Throws where a job may not go: whoever calls has looked before.
 */
export async function moveJobs(
  parts: RunParts,
  transaction: SqlTransaction,
  moves: readonly { readonly row: JobRow; readonly move: Move }[],
): Promise<readonly Moved[]> {
  if (moves.length === 0) return [];
  const { database, queue } = parts;
  const nowMs = database.now();
  const moved = moves.map(({ row, move }) => movedBy(row, move, nowMs));
  const rows = moved.map(({ row }) => row);
  await writeRows(database, transaction, rows);
  const told = moved.flatMap(({ row, events }) => events.map((event) => rowOf(row.number, event)));
  await insertEvents(database, transaction, told);
  const queued = rows.filter(({ state }) => state === 'queued');
  await lineUp(parts, transaction, queued);
  // Whoever begins a job has taken it out of the line already.
  const left = moves.filter(({ row, move }) => row.state === 'queued' && move.to !== 'running');
  await queue.drop(
    transaction,
    left.map(({ row }) => row.id),
  );
  await announce(transaction, rows, nowMs);
  return moved;
}

/** Moves one job whose row is locked, as `moveJobs` does. */
export async function moveJob(
  parts: RunParts,
  { transaction, row }: { readonly transaction: SqlTransaction; readonly row: JobRow },
  move: Move,
): Promise<JobRow> {
  const [moved] = await moveJobs(parts, transaction, [{ row, move }]);
  return moved?.row ?? row;
}

function movedBy(row: JobRow, { to, why, set = {}, events = [] }: Move, nowMs: number): Moved {
  if (!canMove(row.state as JobState, to)) {
    throw new Error(`Job ${row.id} is ${row.state} and cannot become ${to}.`);
  }
  const moved: JobRow = {
    ...row,
    ...settings(to, nowMs),
    ...set,
    state: to,
    version: row.version + 1,
    event_seq: row.event_seq + events.length + 1,
  };
  return { row: moved, events: placed([...events, moveOf(moved, why)], row.event_seq + 1, nowMs) };
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
  await tellMoves(database, transaction, { rows, why: 'begun', atMs: () => nowMs });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Brings new jobs into being: queued, with their places in line and the first events of their streams. */
export async function beginJobs(
  parts: RunParts,
  { transaction, rows }: { readonly transaction: SqlTransaction; readonly rows: readonly JobRow[] },
  why: string,
): Promise<void> {
  await tellMoves(parts.database, transaction, { rows, why, atMs: (row) => row.created_at });
  await lineUp(parts, transaction, rows);
}

/** What a state says of the columns that depend on it; a move may say more. */
function settings(to: JobState, nowMs: number): Partial<ChangedColumns> {
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

interface Telling {
  readonly rows: readonly JobRow[];
  readonly why: string;
  atMs(row: JobRow): number;
}

async function tellMoves(
  database: RunParts['database'],
  transaction: SqlTransaction,
  { rows, why, atMs }: Telling,
): Promise<void> {
  const events = rows.map((row) =>
    rowOf(row.number, { ...moveOf(row, why), seq: row.event_seq, atMs: atMs(row) }),
  );
  await insertEvents(database, transaction, events);
}

function moveOf({ state, epoch }: JobRow, why: string): Extract<UnnumberedEvent, { type: 'job-moved' }> {
  return { type: 'job-moved', state: state as JobState, epoch, why };
}

/** Puts queued jobs in line, and wakes whoever waits for work. */
export async function lineUp(
  { database, queue }: RunParts,
  transaction: SqlTransaction,
  rows: readonly JobRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await queue.enqueue(transaction, rows.map(entryOf));
  await database.announceWork(transaction);
}

function entryOf({ id, tenant, priority, started_at, not_before }: JobRow): QueueEntry {
  return { job: id, tenant, priority, isBegun: started_at !== null, notBeforeMs: not_before };
}
