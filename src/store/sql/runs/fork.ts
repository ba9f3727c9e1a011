import { sql } from 'kysely';
import {
  type AuditEntry,
  type FileInfo,
  fail,
  type JobPatch,
  type JobRecord,
  type NewFork,
  ok,
  type Result,
} from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { noteDone } from './audit.ts';
import { type FreshJob, insertJobs, keepBelongings, seedHashes } from './fresh-job.ts';
import { beginJobs } from './moves.ts';
import { keepJson, parseBlob, readPacked } from './pack.ts';
import type { JobRow, RunParts } from './parts.ts';
import type { KeptBrief } from './read.ts';
import { jsonOrNull, recordOf } from './rows.ts';
import { lockedOwnJob, noSuchJob } from './turn.ts';

/** The part of a journal that a fork takes over. */
interface Prefix {
  /** Place of the first record that it does not take. */
  readonly end: number;
  /** Places of calls that had begun and not ended before. */
  readonly open: readonly number[];
  /** Packed records, in order. */
  readonly records: readonly string[];
}

/** Accepts a job that begins with what another one had recorded before a step. */
export async function forkJob(parts: RunParts, tenant: string, fork: NewFork): Promise<Result<JobRecord>> {
  const { database } = parts;
  const source = await ownJob(parts, tenant, fork.from);
  if (source === null) return noSuchJob(fork.from);
  const prefix = await prefixOf(parts, source, fork.step);
  if (prefix === null) {
    // It may have been removed, steps first, since it was found.
    if ((await ownJob(parts, tenant, fork.from)) === null) return noSuchJob(fork.from);
    return fail(
      'wrong-input',
      `Job ${source.id} has recorded no step "${fork.step}". List its steps to see which.`,
    );
  }
  const begin = await keptBrief(parts, source, fork);
  if (begin === null) return noSuchJob(fork.from);
  const { brief, seeds } = begin;
  const told = prefix.records.map(readPacked);
  const files = filesAfter(
    seeds,
    told.flatMap((each) => each.files),
  );
  const hashes = [...seedHashes(seeds), ...told.flatMap((each) => each.hashes)];
  return await database.write(async (transaction) => {
    // While its row is locked nobody removes the job, and so none of the blobs that it names.
    if ((await lockedOwnJob(parts, transaction, { tenant, id: source.id })) === null)
      return noSuchJob(fork.from);
    const row = (await insertJobs(parts, transaction, [freshFork(source, fork, brief)])).get(fork.id);
    if (row === undefined) throw new Error(`There is a job ${fork.id} already: ids are given once.`);
    await keepBelongings(transaction, [{ row, files, hashes }]);
    await copySteps(transaction, { from: source.number, to: row.number }, prefix);
    await beginJobs(parts, { transaction, rows: [row] }, `forked from ${source.id}`);
    await noteDone(transaction, forked(row, fork));
    return ok(recordOf(row));
  });
}

/**
 * The hash of a fork's brief and the files it begins with: its own, kept before, or those of the job it is made from.
 * Null where that job was removed, and its brief with it, since it was found.
 */
async function keptBrief(
  parts: RunParts,
  source: JobRow,
  fork: NewFork,
): Promise<{ readonly brief: string; readonly seeds: readonly FileInfo[] } | null> {
  const { blobs } = parts;
  if (fork.brief === null) {
    const bytes = await blobs.get(source.brief);
    if (bytes === null && (await ownJob(parts, source.tenant, source.id)) === null) return null;
    return { brief: source.brief, seeds: parseBlob<KeptBrief>(source.brief, bytes).seeds };
  }
  const { contents = [], ...kept } = fork.brief;
  await Promise.all(contents.map((each) => blobs.put(each)));
  return { brief: await keepJson(blobs, kept satisfies KeptBrief), seeds: kept.seeds };
}

function forked(row: JobRow, { from, step, patch, by }: NewFork): AuditEntry {
  const detail = { from, step, changed: Object.keys(patch ?? {}) };
  return { atMs: row.created_at, tenant: row.tenant, by, action: 'job.fork', target: row.id, detail };
}

async function ownJob({ database }: RunParts, tenant: string, id: string): Promise<JobRow | null> {
  const row = await database.read
    .selectFrom('jobs')
    .selectAll()
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return row ?? null;
}

/** Reads what stands before a step; null where there is no such step. What is recorded never changes. */
async function prefixOf({ database }: RunParts, { number }: JobRow, step: string): Promise<Prefix | null> {
  const first = await database.read
    .selectFrom('steps')
    .select('seq')
    .where('job_number', '=', number)
    .where('key', '=', step)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  if (first === undefined) return null;
  const rows = await database.read
    .selectFrom('steps')
    .select(['seq', 'key', 'type', 'record'])
    .where('job_number', '=', number)
    .where('seq', '<', first.seq)
    .orderBy('seq')
    .execute();
  const ended = new Set(rows.flatMap(({ key, type }) => (type === 'started' ? [] : [key])));
  const open = rows.filter(({ key, type }) => type === 'started' && !ended.has(key));
  const left = new Set(open.map(({ seq }) => seq));
  return {
    end: first.seq,
    open: [...left],
    records: rows.flatMap(({ seq, record }) => (left.has(seq) ? [] : [record])),
  };
}

/** The files as they were after some records. */
function filesAfter(
  seeds: readonly FileInfo[],
  told: ReturnType<typeof readPacked>['files'],
): readonly FileInfo[] {
  const files = new Map(seeds.map((seed) => [seed.path, seed]));
  for (const file of told) {
    if ('removed' in file) files.delete(file.path);
    else files.set(file.path, file);
  }
  return [...files.values()];
}

async function copySteps(
  transaction: SqlTransaction,
  { from, to }: { readonly from: number; readonly to: number },
  { end, open }: Prefix,
): Promise<void> {
  const without = open.length === 0 ? sql`` : sql`and seq not in (${sql.join(open)})`;
  await sql`
    insert into steps (job_number, epoch, at, inherited, key, type, record)
    select ${to}, 0, at, 1, key, type, record from steps
    where job_number = ${from} and seq < ${end} ${without}
    order by seq`.execute(transaction);
}

function freshFork(source: JobRow, fork: NewFork, brief: string): FreshJob {
  const { id, tenant, team, digest, priority, estimate, patch, labels } = source;
  const before = patch === null ? null : (JSON.parse(patch) as JobPatch);
  return {
    id: fork.id,
    tenant,
    team,
    digest: fork.digest ?? digest,
    priority,
    not_before: null,
    deadline_at: null,
    estimate,
    patch: jsonOrNull(joinPatches(before, fork.patch)),
    forked_from: JSON.stringify({ job: id, step: fork.step }),
    labels: fork.labels === null ? labels : JSON.stringify(fork.labels),
    idempotency_key: null,
    body_hash: null,
    by_whom: fork.by,
    brief,
  };
}

/** A fork of a fork does otherwise what either says; where both do, the later one holds. */
function joinPatches(before: JobPatch | null, after: JobPatch | null): JobPatch | null {
  if (before === null || after === null) return after ?? before;
  return {
    ...before,
    ...after,
    prompts: { ...before.prompts, ...after.prompts },
    skills: { ...before.skills, ...after.skills },
  };
}
