import { type Selectable, sql } from 'kysely';
import type { Lease, StoredEvent, UnnumberedEvent } from '../../../core/index.ts';
import type { CallStatement, SqlDatabase, SqlTransaction } from '../database.ts';
import type { EventsTable } from '../tables.ts';
import { coalesce } from './coalesce.ts';
import { jsonRows } from './json-rows.ts';
import { leaseName, type RunParts } from './parts.ts';

/** Calls in one transaction, each of some events. */
const callsMax = 500;

interface Emitting {
  readonly lease: Lease;
  readonly events: readonly UnnumberedEvent[];
}

type Emitted = readonly StoredEvent[] | null;

/** Makes the call that keeps events: those that come together are one commit. */
export function createEmit(
  parts: RunParts,
): (lease: Lease, events: readonly UnnumberedEvent[]) => Promise<Emitted> {
  const emit = coalesce<Emitting, Emitted>({
    keyOf: ({ lease }) => lease.job,
    itemsMax: callsMax,
    run: (batch) => keepEvents(parts.database, batch),
  });
  return (lease, events) => emit({ lease, events });
}

async function keepEvents(database: SqlDatabase, batch: readonly Emitting[]): Promise<readonly Emitted[]> {
  const nowMs = database.now();
  return await database.write(async (transaction) => {
    const next = await reservePlaces(database, transaction, batch);
    const rows: EventRow[] = [];
    const answers = batch.map(({ lease, events }): Emitted => {
      const reserved = next.get(leaseName(lease));
      if (reserved === undefined) return null;
      const { number, first } = reserved;
      next.set(leaseName(lease), { number, first: first + events.length });
      const told = placed(events, first, nowMs);
      rows.push(...told.map((event) => rowOf(number, event)));
      return told;
    });
    await insertEvents(database, transaction, rows);
    return answers;
  });
}

/**
 * Gives events that are told together their places and times: when each happened, as its worker says, but never after
 * now, and none before the one before it.
 */
export function placed(
  events: readonly UnnumberedEvent[],
  first: number,
  nowMs: number,
): readonly StoredEvent[] {
  let newestMs = 0;
  return events.map((event, index) => {
    newestMs = Math.max(newestMs, Math.min(event.atMs ?? nowMs, nowMs));
    return { ...event, seq: first + index, atMs: newestMs };
  });
}

/** A row of a stream. */
export type EventRow = Readonly<Selectable<EventsTable>>;

/** Writes an event as a row of its job's stream. */
export function rowOf(number: number, { seq, atMs, ...event }: StoredEvent): EventRow {
  return { job_number: number, seq, at: atMs, body: JSON.stringify(event) };
}

/** Places in a job's stream. */
interface Reserved {
  /** The job's. */
  readonly number: number;
  /** The place of its next event. */
  readonly first: number;
}

/** Counts the events of each job whose lease holds; gives the place of its first one, by lease. */
async function reservePlaces(
  { call }: SqlDatabase,
  transaction: SqlTransaction,
  batch: readonly Emitting[],
): Promise<Map<string, Reserved>> {
  const counts = new Map<string, { readonly lease: Lease; readonly added: number }>();
  for (const { lease, events } of batch) {
    const added = (counts.get(leaseName(lease))?.added ?? 0) + events.length;
    counts.set(leaseName(lease), { lease, added });
  }
  const rows = [...counts.values()].map(({ lease, added }) => ({ ...lease, added }));
  const reserved = call === null ? await countAll(transaction, rows) : countEach(call, rows);
  return new Map(
    reserved.map(({ number, job, epoch, last }) => {
      const name = leaseName({ job, epoch });
      return [name, { number, first: last - (counts.get(name)?.added ?? 0) + 1 }];
    }),
  );
}

type Counting = Lease & { readonly added: number };

type Counted = Lease & { readonly number: number; readonly last: number };

const countHeld = `update jobs set event_seq = event_seq + ?
  where id = ? and epoch = ? and state = 'running' returning number, id as job, epoch, event_seq as last`;

/** Row by row, as records are appended. */
function countEach(call: CallStatement, rows: readonly Counting[]): readonly Counted[] {
  return rows.flatMap(({ job, epoch, added }) => call<Counted>(countHeld, [added, job, epoch]).rows);
}

async function countAll(transaction: SqlTransaction, rows: readonly Counting[]): Promise<readonly Counted[]> {
  const given = jsonRows({ job: 'text', epoch: 'bigint', added: 'bigint' }, rows);
  const reserved = await sql<Counted>`
    update jobs set event_seq = event_seq + given.added from ${given} as given
    where jobs.id = given.job and jobs.epoch = given.epoch and jobs.state = 'running'
    returning jobs.number, jobs.id as job, jobs.epoch as epoch, jobs.event_seq as last`.execute(transaction);
  return reserved.rows;
}

const insertEvent = 'insert into events (job_number, seq, at, body) values (?, ?, ?, ?)';

/** Puts events into their streams: places were given to them before. */
export async function insertEvents(
  { call }: SqlDatabase,
  transaction: SqlTransaction,
  rows: readonly EventRow[],
): Promise<void> {
  if (rows.length === 0) return;
  if (call !== null) {
    for (const { job_number, seq, at, body } of rows) call(insertEvent, [job_number, seq, at, body]);
    return;
  }
  const given = jsonRows({ job_number: 'bigint', seq: 'bigint', at: 'bigint', body: 'text' }, rows);
  await sql`
    insert into events (job_number, seq, at, body)
    select given.job_number, given.seq, given.at, given.body from ${given} as given`.execute(transaction);
}
