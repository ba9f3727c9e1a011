import { endedStates, isEnded, type JobState, type Retention, type Vacuumed } from '../../../core/index.ts';
import { type JobRow, lockedJob, type RunParts } from './parts.ts';
import { walkBlobs } from './walk-blobs.ts';

/** Tables whose rows belong to one job alone, and say its number or its id. */
const belongings = {
  byNumber: ['steps', 'events'],
  byId: ['files', 'signals', 'blob_uses', 'deliveries', 'job_labels'],
} as const;

/** Removes ended jobs that are old enough, then what nobody names any more; or only says what would go. */
export async function vacuumStore(parts: RunParts, retention: Retention): Promise<Vacuumed> {
  const old = await oldJobs(parts, retention);
  if (retention.dryRun) return { jobs: old, ...(await walkBlobs(parts, retention, old)) };
  const jobs: string[] = [];
  for (const id of old) if (await removeJob(parts, id, retention)) jobs.push(id);
  const gone = await walkBlobs(parts, retention);
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
    for (const table of belongings.byNumber) {
      await transaction.deleteFrom(table).where('job_number', '=', row.number).execute();
    }
    for (const table of belongings.byId) {
      await transaction.deleteFrom(table).where('job', '=', id).execute();
    }
    await transaction.deleteFrom('jobs').where('id', '=', id).execute();
    return true;
  });
}

function isOld({ state, ended_at }: JobRow, { nowMs, keepMs }: Retention): boolean {
  const at = state as JobState;
  return isEnded(at) && ended_at !== null && ended_at <= nowMs - keepMs[at];
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
