import { type Beat, failure, lossesMax, type NewWorker } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { type Move, moveJob } from './moves.ts';
import { type JobRow, lockedJob, type RunParts } from './parts.ts';
import { cancelled } from './settle.ts';

/** Jobs that are given back at once: what a pool of connections can take without others having to wait long. */
const jobsAtOnceMax = 8;

/** Makes a worker known. Its life is visible before its name is: nobody takes it for dead meanwhile. */
export async function enrolWorker({ database, liveness }: RunParts, worker: NewWorker): Promise<void> {
  await liveness.hold(worker.id);
  const nowMs = database.now();
  const row = {
    concurrency: worker.concurrency,
    lease_ms: worker.leaseMs,
    lease_until: nowMs + worker.leaseMs,
    started_at: nowMs,
  };
  await database.write(async (transaction) => {
    await transaction
      .insertInto('workers')
      .values({ id: worker.id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  });
}

/** Extends a worker's lease and says what it holds. */
export async function beatWorker({ database }: RunParts, worker: string): Promise<Beat> {
  return await database.write(async (transaction) => {
    const nowMs = database.now();
    const alive = await transaction
      .updateTable('workers')
      .set(({ eb }) => ({ lease_until: eb('lease_ms', '+', nowMs) }))
      .where('id', '=', worker)
      .where('lease_until', '>', nowMs)
      .returning('id')
      .executeTakeFirst();
    if (alive === undefined) return { alive: false };
    const jobs = await transaction
      .selectFrom('jobs')
      .select(['id', 'epoch', 'cancel_asked', 'deadline_at'])
      .where('worker', '=', worker)
      .where('state', '=', 'running')
      .orderBy('id')
      .execute();
    const held = jobs.map(({ id, epoch, cancel_asked, deadline_at }) => ({
      job: id,
      epoch,
      cancelAsked: cancel_asked === 1,
      deadlineAtMs: deadline_at,
    }));
    return { alive: true, held };
  });
}

/** Strikes a worker off and gives back what it still held. */
export async function retireWorker(parts: RunParts, worker: string): Promise<void> {
  await parts.database.write(async (transaction) => {
    await transaction.deleteFrom('workers').where('id', '=', worker).execute();
  });
  await giveBackOrphans(parts, 'stopped');
  await parts.liveness.letGo(worker);
}

/** Strikes off the workers that are gone and gives back what they held. */
export async function reclaimJobs(parts: RunParts): Promise<readonly string[]> {
  const { database, liveness } = parts;
  const known = await database.read.selectFrom('workers').select(['id', 'lease_until']).execute();
  if (known.length > 0) {
    await database.write(async (transaction) => {
      const gone = await liveness.gone(
        transaction,
        known.map(({ id }) => id),
      );
      await transaction
        .deleteFrom('workers')
        // Asked again here: a worker may have beaten since.
        .where((on) =>
          on.or([
            on('lease_until', '<=', database.now()),
            ...(gone.length === 0 ? [] : [on('id', 'in', [...gone])]),
          ]),
        )
        .execute();
    });
  }
  return await giveBackOrphans(parts, 'lost');
}

/** What became of a worker that still held jobs: it said goodbye, or it did not. */
type Leaving = 'stopped' | 'lost';

/** A running job whose worker is struck off is queued again, or ends where its end was asked for. */
async function giveBackOrphans(parts: RunParts, leaving: Leaving): Promise<readonly string[]> {
  const orphans = await parts.database.read
    .selectFrom('jobs')
    .select('id')
    .where('worker', 'is not', null)
    .where('state', '=', 'running')
    .where((on) =>
      on.not(
        on.exists(on.selectFrom('workers').select('workers.id').whereRef('workers.id', '=', 'jobs.worker')),
      ),
    )
    .orderBy('id')
    .execute();
  const given: string[] = [];
  for (let at = 0; at < orphans.length; at += jobsAtOnceMax) {
    const some = orphans.slice(at, at + jobsAtOnceMax);
    const done = await Promise.all(some.map(({ id }) => giveBack(parts, id, leaving)));
    given.push(...some.flatMap(({ id }, index) => (done[index] === true ? [id] : [])));
  }
  return given;
}

async function giveBack(parts: RunParts, id: string, leaving: Leaving): Promise<boolean> {
  return await parts.database.write(async (transaction) => {
    const row = await lockedJob(parts, transaction, id);
    if (row === null || row.state !== 'running' || row.worker === null) return false;
    if (await isEnrolled(transaction, row.worker)) return false;
    await moveJob(parts, { transaction, row }, await moveOf(transaction, row, leaving));
    return true;
  });
}

async function moveOf(transaction: SqlTransaction, row: JobRow, leaving: Leaving): Promise<Move> {
  const why = `worker ${leaving}`;
  // Under a new epoch at once: whoever still believes in the old lease is told so by the very next thing it does.
  const set = { epoch: row.epoch + 1, not_before: null };
  if (row.cancel_asked === 1) {
    return cancelled(why, set, `The job was cancelled; its worker was ${leaving}.`);
  }
  if (leaving === 'stopped') return { to: 'queued', why, set };
  const losses = (await hasFinishedStep(transaction, row)) ? 1 : row.losses + 1;
  if (losses < lossesMax) return { to: 'queued', why, set: { ...set, losses } };
  return { to: 'failed', why, set: { ...set, losses, failure: JSON.stringify(workersLost) } };
}

/** Says whether a job came any further under its last lease. What it began anew and did not finish does not count. */
async function hasFinishedStep(transaction: SqlTransaction, { number, epoch }: JobRow): Promise<boolean> {
  const row = await transaction
    .selectFrom('steps')
    .select('seq')
    .where('job_number', '=', number)
    .where('epoch', '=', epoch)
    .where('type', 'in', ['done', 'failed'])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

const workersLost = failure(
  'worker-lost',
  `${lossesMax} workers in a row were lost while they had this job, before they could finish a step of it. Look at their last log lines and their memory limit: a tool that ends its process or fills its memory does this. Mend it, then retry the job.`,
);

async function isEnrolled(transaction: SqlTransaction, worker: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('workers')
    .select('id')
    .where('id', '=', worker)
    .executeTakeFirst();
  return row !== undefined;
}
