import { sql } from 'kysely';
import { endedStates, isEnded, type JobState, type Retention, type Vacuumed } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { type JobRow, lockedJob, type RunParts } from './parts.ts';

/** Blobs removed in one transaction: some megabytes, so that others write in between. */
const blobsMax = 200;
/** Tables whose rows belong to one job alone. */
const belongings = ['steps', 'events', 'files', 'signals', 'blob_uses', 'deliveries', 'job_labels'] as const;

/** Removes ended jobs that are old enough, then what nobody names any more; or only says what would go. */
export async function vacuumStore(parts: RunParts, retention: Retention): Promise<Vacuumed> {
  const old = await oldJobs(parts, retention);
  if (retention.dryRun) return { jobs: old, ...(await blobsToGo(parts, retention, old)) };
  const jobs: string[] = [];
  for (const id of old) if (await removeJob(parts, id, retention)) jobs.push(id);
  const gone = await removeBlobs(parts, retention);
  await removeTeams(parts, retention);
  if (jobs.length > 0 || gone.blobs > 0) await parts.database.shrink();
  return { jobs, ...gone };
}

async function oldJobs(
  { database }: RunParts,
  { nowMs, keepMs, limit }: Retention,
): Promise<readonly string[]> {
  const rows = await database.read
    .selectFrom('jobs')
    .select('id')
    .where((on) =>
      on.or(
        endedStates.map((state) =>
          on.and([on('state', '=', state), on('ended_at', '<=', nowMs - keepMs[state])]),
        ),
      ),
    )
    .orderBy('ended_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Looks again once nobody else can change the job: it may have been retried. */
async function removeJob(parts: RunParts, id: string, retention: Retention): Promise<boolean> {
  return await parts.database.write(async (transaction) => {
    const row = await lockedJob(parts, transaction, id);
    if (row === null || !isOld(row, retention)) return false;
    for (const table of belongings) await transaction.deleteFrom(table).where('job', '=', id).execute();
    await transaction.deleteFrom('jobs').where('id', '=', id).execute();
    return true;
  });
}

function isOld({ state, ended_at }: JobRow, { nowMs, keepMs }: Retention): boolean {
  const at = state as JobState;
  return isEnded(at) && ended_at !== null && ended_at <= nowMs - keepMs[at];
}

type Gone = Pick<Vacuumed, 'blobs' | 'bytesSize'>;

async function blobsToGo(
  { database }: RunParts,
  { nowMs, blobGraceMs }: Retention,
  jobs: readonly string[],
): Promise<Gone> {
  const row = await database.read
    .selectFrom('blobs')
    .select([sql<number | string>`count(*)`.as('blobs'), sql<number | string | null>`sum(size)`.as('bytes')])
    .where('at', '<=', nowMs - blobGraceMs)
    .where((on) => {
      const uses = on.selectFrom('blob_uses').select('job').whereRef('blob_uses.hash', '=', 'blobs.hash');
      return on.not(on.exists(jobs.length === 0 ? uses : uses.where('job', 'not in', [...jobs])));
    })
    .executeTakeFirstOrThrow();
  return { blobs: Number(row.blobs), bytesSize: Number(row.bytes ?? 0) };
}

async function removeBlobs({ database }: RunParts, { nowMs, blobGraceMs }: Retention): Promise<Gone> {
  const gone = { blobs: 0, bytesSize: 0 };
  for (;;) {
    const sizes = await database.write((transaction) => removeSomeBlobs(transaction, nowMs - blobGraceMs));
    gone.blobs += sizes.length;
    gone.bytesSize += sizes.reduce((sum, size) => sum + size, 0);
    if (sizes.length < blobsMax) return gone;
  }
}

/** Asks for age and use in the statement that removes: a blob that was kept again meanwhile is young, and stays. */
async function removeSomeBlobs(transaction: SqlTransaction, untilMs: number): Promise<readonly number[]> {
  const { rows } = await sql<{ readonly size: number }>`
    delete from blobs where at <= ${untilMs} and hash in (
      select hash from blobs where at <= ${untilMs}
        and not exists (select 1 from blob_uses where blob_uses.hash = blobs.hash)
      limit ${blobsMax}
    ) returning size`.execute(transaction);
  return rows.map(({ size }) => Number(size));
}

/** A definition is kept as long as a job names it, and as long as somebody may be about to. */
async function removeTeams({ database }: RunParts, { nowMs, blobGraceMs }: Retention): Promise<void> {
  await database.write(async (transaction) => {
    await transaction
      .deleteFrom('teams')
      .where('at', '<=', nowMs - blobGraceMs)
      .where((on) =>
        on.not(
          on.exists(on.selectFrom('jobs').select('jobs.id').whereRef('jobs.digest', '=', 'teams.digest')),
        ),
      )
      .execute();
  });
}
