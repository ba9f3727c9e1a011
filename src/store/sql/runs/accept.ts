import { type Accepted, type AuditEntry, hashBytes, type NewJob } from '../../../core/index.ts';
import { insertBlobs } from '../blobs.ts';
import type { SqlTransaction } from '../database.ts';
import { noteDone } from './audit.ts';
import { coalesce } from './coalesce.ts';
import { type FreshJob, insertJobs, keepBelongings, seedHashes } from './fresh-job.ts';
import { beginJobs } from './moves.ts';
import { commitMax, type JobRow, type RunParts } from './parts.ts';
import type { KeptBrief } from './read.ts';
import { jsonOrNull, recordOf } from './rows.ts';

/** A job to accept. */
interface Accepting {
  readonly job: NewJob;
  /** Two of one name are never under way at once: a second request of a key waits here, not in the database. */
  readonly name: string;
  /** Hash of its brief. */
  readonly brief: string;
  /** What is kept in its commit, by hash. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/**
 * Makes the call that accepts jobs. In Postgres, where each statement is a round trip, those that come together are one
 * transaction; in SQLite each is a work of its own, and works that come together share a commit anyway.
 */
export function createAccept(parts: RunParts): (job: NewJob) => Promise<Accepted> {
  const accept =
    parts.database.kind === 'sqlite'
      ? (accepting: Accepting) => acceptAlone(parts, accepting)
      : coalesce<Accepting, Accepted>({
          keyOf: ({ name }) => name,
          itemsMax: commitMax.jobs,
          run: (batch) => acceptJobs(parts, batch),
        });
  return async (job) => await accept(await bringContents(parts, job));
}

async function acceptAlone(parts: RunParts, accepting: Accepting): Promise<Accepted> {
  const [accepted] = await acceptJobs(parts, [accepting]);
  if (accepted === undefined) throw new Error(`Job ${accepting.job.id} was neither accepted nor refused.`);
  return accepted;
}

async function bringContents({ blobs }: RunParts, job: NewJob): Promise<Accepting> {
  const { id, tenant, idempotency } = job;
  const name = idempotency === null ? id : JSON.stringify([tenant, idempotency.key]);
  const kept: KeptBrief = { brief: job.brief, seeds: job.seeds };
  const bytes = Buffer.from(JSON.stringify(kept));
  const brief = hashBytes(bytes);
  const all = [bytes, ...(job.contents ?? [])];
  const isLarge = all.reduce((sum, { length }) => sum + length, 0) > commitMax.bytes;
  if (!isLarge) return { job, name, brief, contents: new Map(all.map((each) => [hashBytes(each), each])) };
  await Promise.all(all.map((each) => blobs.put(each)));
  return { job, name, brief, contents: new Map() };
}

/** A job to accept that nobody had accepted before. */
interface Begun extends Accepting {
  readonly row: JobRow;
}

/** Keeps jobs and all that is theirs in one transaction. */
async function acceptJobs(parts: RunParts, batch: readonly Accepting[]): Promise<readonly Accepted[]> {
  // All who accept take keys in one order, so none waits for another in a circle.
  const fresh = batch.toSorted(byName).map(freshJob);
  return await parts.database.write(async (transaction) => {
    const rows = await insertJobs(parts, transaction, fresh);
    const begun: Begun[] = [];
    const answers: Accepted[] = [];
    for (const each of batch) {
      const row = rows.get(each.job.id);
      // Given to one alone: another one of this id is told that ids are given once.
      rows.delete(each.job.id);
      if (row !== undefined) begun.push({ ...each, row });
      answers.push(
        row === undefined ? await knownJob(transaction, each.job) : { type: 'accepted', job: recordOf(row) },
      );
    }
    await beginAll(parts, transaction, begun);
    return answers;
  });
}

function byName({ name: a }: Accepting, { name: b }: Accepting): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Keeps what new jobs bring, their places in line, their first events and who accepted them. */
async function beginAll(
  parts: RunParts,
  transaction: SqlTransaction,
  begun: readonly Begun[],
): Promise<void> {
  const belongings = begun.map(({ row, job: { seeds } }) => ({
    row,
    files: seeds,
    hashes: seedHashes(seeds),
  }));
  await keepBelongings(transaction, belongings);
  await beginJobs(parts, { transaction, rows: begun.map(({ row }) => row) }, 'accepted');
  await noteDone(transaction, ...begun.map(noteOf));
  // Last, because many jobs bring the same: nobody else keeps it again before this commit.
  await insertBlobs(
    transaction,
    new Map(begun.flatMap(({ contents }) => [...contents])),
    parts.database.now(),
  );
}

function noteOf({ job, row }: Begun): AuditEntry {
  const { id, tenant, team, digest, by } = job;
  return { atMs: row.created_at, tenant, by, action: 'job.accept', target: id, detail: { team, digest } };
}

function freshJob({ job, brief }: Accepting): FreshJob {
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
