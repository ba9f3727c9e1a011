import { sql } from 'kysely';
import type { Lease, StepRecord } from '../../../core/index.ts';
import { insertBlobs } from '../blobs.ts';
import type { CallStatement, SqlDatabase, SqlTransaction } from '../database.ts';
import { coalesce } from './coalesce.ts';
import { jsonRows } from './json-rows.ts';
import { type FileTold, type PackedAnew, packRecord } from './pack.ts';
import { leaseName, type RunParts } from './parts.ts';
import { forgetFiles, keepFiles, useBlobs } from './uses.ts';

/** Records in one statement: some hundred kilobytes, a few milliseconds of work. */
const recordsMax = 500;

interface Appending {
  readonly lease: Lease;
  readonly record: StepRecord;
}

interface PackedAppending extends Appending {
  readonly packed: PackedAnew;
}

/** Makes the call that keeps records: those that come together are one statement, and one commit. */
export function createAppend(
  parts: RunParts,
): (lease: Lease, record: StepRecord) => Promise<'kept' | 'fenced'> {
  const append = coalesce<Appending, 'kept' | 'fenced'>({
    keyOf: ({ lease }) => lease.job,
    itemsMax: recordsMax,
    run: (batch) => keepRecords(parts, batch),
  });
  return (lease, record) => append({ lease, record });
}

async function keepRecords(
  { database, blobs }: RunParts,
  batch: readonly Appending[],
): Promise<readonly ('kept' | 'fenced')[]> {
  const packed = await Promise.all(
    batch.map(async (each) => ({ ...each, packed: await packRecord(blobs, each.record) })),
  );
  const held = await database.write(async (transaction) => {
    const leases = await insertSteps(database, transaction, packed);
    await keepBeside(
      database,
      transaction,
      packed.filter(({ lease }) => leases.has(leaseName(lease))),
    );
    return leases;
  });
  return batch.map(({ lease }) => (held.has(leaseName(lease)) ? 'kept' : 'fenced'));
}

/**
 * Inserts the records whose lease holds, and gives the leases that do. The fence stands in the statement itself, so no
 * lease can end between the look and the insert.
 */
async function insertSteps(
  { call, now }: SqlDatabase,
  transaction: SqlTransaction,
  batch: readonly PackedAppending[],
): Promise<ReadonlySet<string>> {
  const at = now();
  const rows = batch.map(({ lease, record, packed }) => ({
    ...lease,
    at,
    key: record.key,
    type: record.type,
    record: packed.text,
  }));
  const kept = call === null ? await insertAll(transaction, rows) : insertEach(call, rows);
  return new Set(kept.map(leaseName));
}

interface StepRow extends Lease {
  readonly at: number;
  readonly key: string;
  readonly type: string;
  readonly record: string;
}

const insertHeld = `insert into steps (job_number, epoch, at, inherited, key, type, record)
  select number, epoch, ?, 0, ?, ?, ? from jobs where id = ? and epoch = ? and state = 'running'`;

/** In SQLite row by row, which takes a quarter of what one statement for all takes. */
function insertEach(call: CallStatement, rows: readonly StepRow[]): readonly Lease[] {
  return rows.filter(
    ({ job, epoch, at, key, type, record }) =>
      call(insertHeld, [at, key, type, record, job, epoch]).changes === 1,
  );
}

/**
 * In Postgres, where every statement is a round trip. The jobs' rows are locked for as long as it takes, job by job in
 * the order in which all lock many (`lockedJobs`). (This lock waits for whoever changes a job's state, but not for
 * whoever only counts its events.)
 */
async function insertAll(transaction: SqlTransaction, rows: readonly StepRow[]): Promise<readonly Lease[]> {
  const given = jsonRows(
    { job: 'text', epoch: 'bigint', at: 'bigint', key: 'text', type: 'text', record: 'text' },
    rows.toSorted((a, b) => (a.job === b.job ? 0 : a.job < b.job ? -1 : 1)),
  );
  const { rows: kept } = await sql<Lease>`
    with held as materialized (
      select given.*, jobs.number from ${given} as given
      join jobs on jobs.id = given.job and jobs.epoch = given.epoch and jobs.state = 'running'
      order by given.place
      for key share of jobs
    ), kept as (
      insert into steps (job_number, epoch, at, inherited, key, type, record)
      select number, epoch, at, 0, key, type, record from held order by place
    )
    select job, epoch from held`.execute(transaction);
  return kept;
}

/** What the records name and say of files. Most say nothing. */
async function keepBeside(
  { now }: SqlDatabase,
  transaction: SqlTransaction,
  kept: readonly PackedAppending[],
): Promise<void> {
  const uses = new Map<string, { readonly job: string; readonly hash: string }>();
  const files = new Map<string, FileTold & { readonly job: string }>();
  for (const { lease, packed } of kept) {
    const { job } = lease;
    for (const hash of packed.hashes) uses.set(`${job} ${hash}`, { job, hash });
    for (const file of packed.files) {
      const name = `${job} ${file.path}`;
      if (file.version >= (files.get(name)?.version ?? 0)) files.set(name, { ...file, job });
    }
  }
  await useBlobs(transaction, [...uses.values()]);
  const newest = [...files.values()];
  await keepFiles(
    transaction,
    newest.flatMap((file) => ('removed' in file ? [] : [file])),
  );
  await forgetFiles(
    transaction,
    newest.flatMap((file) => ('removed' in file ? [file] : [])),
  );
  const contents = new Map(kept.flatMap(({ packed }) => [...packed.contents]));
  // Last, because many may write the same: until the commit nobody else can keep it.
  await insertBlobs(transaction, contents, now());
}
