import type { JobRecord } from '../../../core/index.ts';
import { expired } from './claim.ts';
import { lineUp, moveJob } from './moves.ts';
import { type JobRow, lockedJob, type RunParts } from './parts.ts';
import { recordOf } from './rows.ts';
import { lockedOutOfLine } from './turn.ts';

/** Jobs in one call: the next one does the rest. */
const jobsMax = 500;
/** Jobs that are moved at once: what a pool of connections can take without others having to wait long. */
const jobsAtOnceMax = 8;
/**
 * A running job is ended by its worker, which keeps what was paid for and says what it cost. Twice as long as a
 * stopped call may take until its result is no longer waited for; after that, the worker does not listen.
 */
const lateMsMax = 30_000;

/** Queues jobs whose waits ran out and expires those past their deadline. Gives those it moved. */
export async function tendJobs(parts: RunParts): Promise<readonly JobRecord[]> {
  const due = await dueJobs(parts);
  const moved: JobRecord[] = [];
  for (let at = 0; at < due.length; at += jobsAtOnceMax) {
    const some = await Promise.all(due.slice(at, at + jobsAtOnceMax).map((id) => tendJob(parts, id)));
    moved.push(...some.filter((record) => record !== null));
  }
  return moved;
}

async function dueJobs({ database }: RunParts): Promise<readonly string[]> {
  const nowMs = database.now();
  const of = database.read.selectFrom('jobs').select('id').limit(jobsMax);
  const [awake, late, deaf] = await Promise.all([
    of.where('state', '=', 'parked').where('wake_at', '<=', nowMs).orderBy('wake_at').execute(),
    of.where('state', 'in', ['queued', 'parked']).where('deadline_at', '<=', nowMs).execute(),
    of
      .where('state', '=', 'running')
      .where('deadline_at', '<=', nowMs - lateMsMax)
      .execute(),
  ]);
  return [...new Set([...late, ...deaf, ...awake].map(({ id }) => id))].slice(0, jobsMax);
}

async function tendJob(parts: RunParts, id: string): Promise<JobRecord | null> {
  const { database } = parts;
  return await database.write(async (transaction) => {
    const seen = await transaction.selectFrom('jobs').select('state').where('id', '=', id).executeTakeFirst();
    const lock = seen?.state === 'queued' ? lockedOutOfLine : lockedJob;
    const row = await lock(parts, transaction, id);
    if (row === null) return null;
    if (isLate(row, database.now())) {
      return recordOf(await moveJob(parts, { transaction, row }, expired()));
    }
    if (row.state === 'parked' && row.wake_at !== null && row.wake_at <= database.now()) {
      const move = { to: 'queued', why: 'a wait is over', set: { not_before: null } } as const;
      return recordOf(await moveJob(parts, { transaction, row }, move));
    }
    // Somebody retried it meanwhile: it is taken out of the line no more.
    if (row.state === 'queued' && seen?.state === 'queued') await lineUp(parts, transaction, [row]);
    return null;
  });
}

function isLate({ state, deadline_at }: JobRow, nowMs: number): boolean {
  if (deadline_at === null) return false;
  if (state === 'running') return deadline_at <= nowMs - lateMsMax;
  return (state === 'queued' || state === 'parked') && deadline_at <= nowMs;
}
