import type { Selectable } from 'kysely';
import type { Blobs, FileInfo, JobOutput, Json, RunStore, StoredStep } from '../../../core/index.ts';
import type { SqlDatabase } from '../database.ts';
import type { EventsTable, StepsTable } from '../tables.ts';
import { parseBlob, unpackRecords } from './pack.ts';
import { createPaging } from './pages.ts';
import type { RunParts } from './parts.ts';
import { isOneOf, readTogether } from './read-together.ts';
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
  const readBrief = createJsonReading<KeptBrief>(database, 'brief');
  const readOutput = createJsonReading<JobOutput>(database, 'output');
  const pageOfSteps = createPaging<StepRow>(database, { table: 'steps', columns: stepColumns });
  const pageOfEvents = createPaging<EventRow>(database, { table: 'events', columns: ['seq', 'at', 'body'] });
  const steps = async (job: string, after: number, limit: number): Promise<readonly StoredStep[]> =>
    await unpackSteps(blobs, await pageOfSteps({ job, after, limit }));
  return {
    steps,
    async brief(id) {
      const kept = await readBrief(id);
      if (kept === null) throw new Error(`There is no job ${id}.`);
      return kept.brief;
    },
    output: readOutput,
    async files(id) {
      const rows = await database.read.selectFrom('files').selectAll().where('job', '=', id).execute();
      return rows
        .map(({ path, hash, size, version }) => ({ path, hash, bytesSize: size, version }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
    async events(job, after, limit) {
      return (await pageOfEvents({ job, after, limit })).map(eventOf);
    },
    async newestEvent(id) {
      const row = await database.read
        .selectFrom('events')
        .select(['seq', 'at', 'body'])
        .where('job_number', '=', (on) => on.selectFrom('jobs').select('number').where('id', '=', id))
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

/** Jobs whose JSON is read by one statement: briefs and outputs have some kilobytes each. */
const jobsMax = 100;

/** Makes the call that reads the JSON that a job's row names by its hash; null where there is no job or no hash. */
function createJsonReading<T>(
  database: SqlDatabase,
  column: 'brief' | 'output',
): (id: string) => Promise<T | null> {
  const read = readTogether<string, KeptJson | null>(database, {
    asksMax: jobsMax,
    run: (ids) => readNamed(database, column, ids),
  });
  return async (id) => {
    const kept = await read(id);
    return kept?.hash == null ? null : parseBlob<T>(kept.hash, kept.bytes);
  };
}

interface KeptJson {
  readonly hash: string | null;
  readonly bytes: Uint8Array | null;
}

async function readNamed(
  database: SqlDatabase,
  column: 'brief' | 'output',
  ids: readonly string[],
): Promise<readonly (KeptJson | null)[]> {
  const rows = await database.read
    .selectFrom('jobs')
    .leftJoin('blobs', 'blobs.hash', `jobs.${column}`)
    .select(['jobs.id', `jobs.${column} as hash`, 'blobs.bytes'])
    .where(isOneOf(database, 'jobs.id', ids))
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

type StepRow = Selectable<Pick<StepsTable, 'seq' | 'at' | 'epoch' | 'inherited' | 'record'>>;
type EventRow = Pick<EventsTable, 'seq' | 'at' | 'body'>;

const stepColumns = ['seq', 'at', 'epoch', 'inherited', 'record'] as const;

async function unpackSteps(blobs: Blobs, rows: readonly StepRow[]): Promise<readonly StoredStep[]> {
  const records = await unpackRecords(
    blobs,
    rows.map(({ record }) => record),
  );
  return records.flatMap((record, at) => {
    const row = rows[at];
    return row === undefined ? [] : [{ ...placeOf(row), record }];
  });
}

function placeOf({ seq, at, epoch, inherited }: StepRow): Omit<StoredStep, 'record'> {
  return { seq, atMs: at, epoch, inherited: inherited === 1 };
}
