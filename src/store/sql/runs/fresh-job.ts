import type { FileInfo } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import type { JobRow, RunParts } from './parts.ts';
import { keepFiles, useBlobs } from './uses.ts';

/** A job's row before anything has happened to it. */
export type FreshJob = Omit<
  JobRow,
  | 'number'
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

/** What is the same in every new job's row. */
const untouched = Object.freeze({
  state: 'queued',
  version: 1,
  epoch: 0,
  attempts: 0,
  cancel_asked: 0,
  waits: '[]',
  event_seq: 1,
  losses: 0,
});

/**
 * Inserts queued jobs, and gives the rows by id; leaves out those whose tenant has one of their idempotency key. Of two
 * at once, the second waits for the first one's commit.
 */
export async function insertJobs(
  { database }: RunParts,
  transaction: SqlTransaction,
  jobs: readonly FreshJob[],
): Promise<Map<string, JobRow>> {
  const created_at = database.now();
  const rows: readonly JobRow[] = await transaction
    .insertInto('jobs')
    .values(jobs.map((job) => ({ ...job, ...untouched, created_at })))
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** What a new job has beside its row. */
export interface Belongings {
  readonly row: JobRow;
  readonly files: readonly FileInfo[];
  /** Of blobs that stay as long as the job does. */
  readonly hashes: readonly string[];
}

/** Keeps what new jobs have beside their rows: labels to be found by, files, and blobs that stay. */
export async function keepBelongings(transaction: SqlTransaction, all: readonly Belongings[]): Promise<void> {
  const labels = all.flatMap(({ row: { id: job, labels } }) =>
    Object.entries(JSON.parse(labels) as Readonly<Record<string, string>>).map(([name, value]) => ({
      job,
      name,
      value,
    })),
  );
  if (labels.length > 0) await transaction.insertInto('job_labels').values(labels).execute();
  await keepFiles(
    transaction,
    all.flatMap(({ row, files }) => files.map((file) => ({ ...file, job: row.id }))),
  );
  await useBlobs(
    transaction,
    all.flatMap(({ row, hashes }) =>
      [...new Set([row.brief, ...hashes])].map((hash) => ({ job: row.id, hash })),
    ),
  );
}

/** The blobs of files that a job begins with. */
export function seedHashes(seeds: readonly FileInfo[]): readonly string[] {
  return seeds.map(({ hash }) => hash);
}
