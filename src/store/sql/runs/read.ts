import type { Selectable } from 'kysely';
import type { FileInfo, JobOutput, Json, RunStore, StoredStep } from '../../../core/index.ts';
import type { StepsTable } from '../tables.ts';
import { readJson, unpackRecords } from './pack.ts';
import { jobRow, type RunParts } from './parts.ts';
import { eventOf } from './rows.ts';

/** Steps read at once when all of a journal is: some megabytes. */
const stepsMax = 500;

/** What a job was asked for: what its brief's blob holds. */
export interface KeptBrief {
  readonly brief: Json;
  /** Files it began with. */
  readonly seeds: readonly FileInfo[];
}

/** Makes the calls that read what belongs to one job. */
export function createReading(
  parts: RunParts,
): Pick<RunStore, 'brief' | 'output' | 'files' | 'steps' | 'events' | 'newestEvent' | 'records'> {
  const { database, blobs } = parts;
  const steps = (id: string, after: number, limit: number) => readSteps(parts, id, { after, limit });
  return {
    steps,
    async brief(id) {
      const row = await jobRow(database.read, id);
      if (row === null) throw new Error(`There is no job ${id}.`);
      return (await readJson<KeptBrief>(blobs, row.brief)).brief;
    },
    async output(id) {
      const row = await jobRow(database.read, id);
      const hash = row?.output ?? null;
      return hash === null ? null : await readJson<JobOutput>(blobs, hash);
    },
    async files(id) {
      const rows = await database.read.selectFrom('files').selectAll().where('job', '=', id).execute();
      return rows
        .map(({ path, hash, size, version }) => ({ path, hash, bytesSize: size, version }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
    async events(id, after, limit) {
      const rows = await database.read
        .selectFrom('events')
        .select(['seq', 'at', 'body'])
        .where('job', '=', id)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(eventOf);
    },
    async newestEvent(id) {
      const row = await database.read
        .selectFrom('events')
        .select(['seq', 'at', 'body'])
        .where('job', '=', id)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : eventOf(row);
    },
    async records(id) {
      const all: StoredStep[] = [];
      for (;;) {
        const page = await steps(id, all.at(-1)?.seq ?? 0, stepsMax);
        all.push(...page);
        if (page.length < stepsMax) return all;
      }
    },
  };
}

async function readSteps(
  { database, blobs }: RunParts,
  id: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly StoredStep[]> {
  const rows = await database.read
    .selectFrom('steps')
    .selectAll()
    .where('job', '=', id)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
  const records = await unpackRecords(
    blobs,
    rows.map(({ record }) => record),
  );
  return records.flatMap((record, at) => {
    const row = rows[at];
    return row === undefined ? [] : [{ ...placeOf(row), record }];
  });
}

function placeOf({ seq, at, epoch, inherited }: Selectable<StepsTable>): Omit<StoredStep, 'record'> {
  return { seq, atMs: at, epoch, inherited: inherited === 1 };
}
