import type { Accepted, FileInfo, NewJob } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { noteDone } from './audit.ts';
import { beginJob } from './moves.ts';
import { keepJson } from './pack.ts';
import type { JobRow, RunParts } from './parts.ts';
import type { KeptBrief } from './read.ts';
import { jsonOrNull, recordOf } from './rows.ts';
import { keepFiles, useBlobs } from './uses.ts';

/** A job's row before anything has happened to it. */
export type FreshJob = Omit<
  JobRow,
  | 'state'
  | 'version'
  | 'epoch'
  | 'attempts'
  | 'created_at'
  | 'started_at'
  | 'ended_at'
  | 'worker'
  | 'cancel_asked'
  | 'waits'
  | 'wake_at'
  | 'failure'
  | 'cost'
  | 'output'
  | 'event_seq'
  | 'losses'
>;

/** Keeps a job and its place in line in one transaction, its first event too. */
export async function acceptJob(parts: RunParts, job: NewJob): Promise<Accepted> {
  const kept: KeptBrief = { brief: job.brief, seeds: job.seeds };
  const brief = await keepJson(parts.blobs, kept);
  return await parts.database.write(async (transaction) => {
    const row = await insertJob(parts, transaction, freshJob(job, brief));
    if (row === null) return await knownJob(transaction, job);
    await keepBelongings(transaction, row, { files: job.seeds, hashes: seedHashes(job.seeds) });
    await beginJob(parts, { transaction, row }, 'accepted');
    const { id, tenant, team, digest, by } = job;
    await noteDone(transaction, {
      atMs: row.created_at,
      tenant,
      by,
      action: 'job.accept',
      target: id,
      detail: { team, digest },
    });
    return { type: 'accepted', job: recordOf(row) };
  });
}

/**
 * Inserts a queued job; null where the tenant has one of its idempotency key. Of two at once, the second waits for
 * the first one's commit.
 */
export async function insertJob(
  { database }: RunParts,
  transaction: SqlTransaction,
  job: FreshJob,
): Promise<JobRow | null> {
  const row = await transaction
    .insertInto('jobs')
    .values({
      ...job,
      state: 'queued',
      version: 1,
      epoch: 0,
      attempts: 0,
      created_at: database.now(),
      cancel_asked: 0,
      waits: '[]',
      event_seq: 1,
      losses: 0,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** What a new job has beside its row: labels to be found by, files, and blobs that stay as long as it does. */
export async function keepBelongings(
  transaction: SqlTransaction,
  row: JobRow,
  { files, hashes }: { readonly files: readonly FileInfo[]; readonly hashes: readonly string[] },
): Promise<void> {
  const labels = Object.entries(JSON.parse(row.labels) as Readonly<Record<string, string>>);
  if (labels.length > 0) {
    const rows = labels.map(([name, value]) => ({ job: row.id, name, value }));
    await transaction.insertInto('job_labels').values(rows).execute();
  }
  await keepFiles(transaction, row.id, files);
  const uses = [...new Set([row.brief, ...hashes])].map((hash) => ({ job: row.id, hash }));
  await useBlobs(transaction, uses);
}

/** The blobs of files that a job begins with. */
export function seedHashes(seeds: readonly FileInfo[]): readonly string[] {
  return seeds.map(({ hash }) => hash);
}

function freshJob(job: NewJob, brief: string): FreshJob {
  return {
    id: job.id,
    tenant: job.tenant,
    team: job.team,
    digest: job.digest,
    priority: job.priority,
    not_before: job.notBeforeMs,
    deadline_at: job.deadlineAtMs,
    estimate: jsonOrNull(job.estimate),
    patch: jsonOrNull(job.patch),
    forked_from: null,
    labels: JSON.stringify(job.labels),
    idempotency_key: job.idempotency?.key ?? null,
    body_hash: job.idempotency?.bodyHash ?? null,
    by_whom: job.by,
    brief,
  };
}

async function knownJob(transaction: SqlTransaction, { id, tenant, idempotency }: NewJob): Promise<Accepted> {
  const row = await transaction
    .selectFrom('jobs')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('idempotency_key', '=', idempotency?.key ?? null)
    .executeTakeFirst();
  if (row === undefined) throw new Error(`There is a job ${id} already: ids are given once.`);
  const isSame = row.body_hash === (idempotency?.bodyHash ?? null);
  return isSame ? { type: 'known', job: recordOf(row) } : { type: 'conflict', id: row.id };
}
