import { type ExpressionBuilder, sql } from 'kysely';
import { type Glance, type JobQuery, type JobState, jobMoves, type RunStore } from '../../../core/index.ts';
import { type Cursor, pageOf, readCursor } from '../cursor.ts';
import type { SqlDatabase } from '../database.ts';
import type { Tables } from '../tables.ts';
import type { RunParts } from './parts.ts';
import { isOneOf, readTogether } from './read-together.ts';
import { recordOf } from './rows.ts';
import type { OwnJob } from './turn.ts';

/** Makes the calls that find jobs. */
export function createFinding({
  database,
}: RunParts): Pick<RunStore, 'find' | 'glance' | 'findByKey' | 'list' | 'count'> {
  const { read } = database;
  const glanceAt = readTogether<OwnJob, Glance | null>(database, {
    asksMax: jobsMax,
    run: (asks) => glanceTogether(database, asks),
  });
  return {
    find: async (tenant, id) => (await glanceAt({ tenant, id }))?.job ?? null,
    glance: (tenant, id) => glanceAt({ tenant, id }),
    async findByKey(tenant, key) {
      const row = await read
        .selectFrom('jobs')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('idempotency_key', '=', key)
        .executeTakeFirst();
      if (row === undefined) return null;
      return { job: recordOf(row), bodyHash: row.body_hash ?? '' };
    },
    async list(tenant, query) {
      const rows = await read
        .selectFrom('jobs')
        .selectAll()
        .where('tenant', '=', tenant)
        .where((on) => on.and(conditions(on, query)))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(query.limit + 1)
        .execute();
      return pageOf(rows.map(recordOf), query.limit, ({ createdAtMs: atMs, id }) => ({ atMs, id }));
    },
    async count(tenant) {
      const rows = await read
        .selectFrom('jobs')
        .select(['state', sql<number | string>`count(*)`.as('jobs')])
        .where((on) => on.and(tenant === null ? [] : [on('tenant', '=', tenant)]))
        .groupBy('state')
        .execute();
      const counted = new Map(rows.map(({ state, jobs }) => [state, Number(jobs)]));
      const states = Object.keys(jobMoves) as JobState[];
      return Object.fromEntries(states.map((state) => [state, counted.get(state) ?? 0])) as Readonly<
        Record<JobState, number>
      >;
    },
  };
}

/** Jobs found by one statement: rows of about a kilobyte. */
const jobsMax = 500;

/** Whoever asks with others still finds only what is his own: each row is given to its tenant alone. */
async function glanceTogether(
  database: SqlDatabase,
  asks: readonly OwnJob[],
): Promise<readonly (Glance | null)[]> {
  const ids = asks.map(({ id }) => id);
  const tenants = [...new Set(asks.map(({ tenant }) => tenant))];
  const rows = await database.read
    .selectFrom('jobs')
    .selectAll()
    .where(isOneOf(database, 'id', ids))
    .where(isOneOf(database, 'tenant', tenants))
    .execute();
  const found = new Map(rows.map((row) => [row.id, { job: recordOf(row), events: row.event_seq }]));
  return asks.map(({ tenant, id }) => {
    const glance = found.get(id);
    return glance?.job.tenant === tenant ? glance : null;
  });
}

function conditions(on: ExpressionBuilder<Tables, 'jobs'>, query: JobQuery) {
  const { states, team, labels = {}, createdAfterMs, createdBeforeMs, cursor } = query;
  return [
    ...(states === undefined || states.length === 0 ? [] : [on('state', 'in', [...states])]),
    ...(team === undefined ? [] : [on('team', '=', team)]),
    ...(createdAfterMs === undefined ? [] : [on('created_at', '>', createdAfterMs)]),
    ...(createdBeforeMs === undefined ? [] : [on('created_at', '<', createdBeforeMs)]),
    ...Object.entries(labels).map(([name, value]) => hasLabel(on, name, value)),
    ...(cursor === undefined ? [] : [isBehind(on, readCursor(cursor))]),
  ];
}

function hasLabel(on: ExpressionBuilder<Tables, 'jobs'>, name: string, value: string) {
  return on.exists(
    on
      .selectFrom('job_labels')
      .select('job_labels.job')
      .whereRef('job_labels.job', '=', 'jobs.id')
      .where('job_labels.name', '=', name)
      .where('job_labels.value', '=', value),
  );
}

function isBehind(on: ExpressionBuilder<Tables, 'jobs'>, { atMs, id }: Cursor) {
  const isOlder = on('created_at', '<', atMs);
  return on.and([
    // Says nothing new, but where in the index to begin.
    on('created_at', '<=', atMs),
    on.or([isOlder, on.and([on('created_at', '=', atMs), on('id', '<', id)])]),
  ]);
}
