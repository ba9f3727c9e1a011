import { sql } from 'kysely';
import type { Lease, StoredEvent, UnnumberedEvent } from '../../../core/index.ts';
import type { SqlDatabase, SqlTransaction } from '../database.ts';
import { coalesce } from './coalesce.ts';
import { isRunning, jsonRows } from './json-rows.ts';
import type { RunParts } from './parts.ts';

/** Calls in one transaction, each of some events. */
const callsMax = 500;
/** One batch is written while the next one gathers. */
const batchesMax = 2;

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
    batchesMax,
    run: (batch) => keepEvents(parts.database, batch),
  });
  return (lease, events) => emit({ lease, events });
}

async function keepEvents(database: SqlDatabase, batch: readonly Emitting[]): Promise<readonly Emitted[]> {
  const at = database.now();
  return await database.write(async (transaction) => {
    const next = await reservePlaces(database, transaction, batch);
    const answers = batch.map(({ lease, events }): Emitted => {
      const first = next.get(leaseName(lease));
      if (first === undefined) return null;
      next.set(leaseName(lease), first + events.length);
      return events.map((event, index) => ({ ...event, seq: first + index, atMs: at }));
    });
    const rows = batch.flatMap(({ lease, events }, call) =>
      events.flatMap((event, index) => {
        const seq = answers[call]?.[index]?.seq;
        return seq === undefined ? [] : [{ job: lease.job, seq, at, body: JSON.stringify(event) }];
      }),
    );
    await insertEvents(database, transaction, rows);
    return answers;
  });
}

/** Counts the events of each job whose lease holds; gives the place of its first one. */
async function reservePlaces(
  { kind }: SqlDatabase,
  transaction: SqlTransaction,
  batch: readonly Emitting[],
): Promise<Map<string, number>> {
  const counts = new Map<string, { readonly lease: Lease; readonly added: number }>();
  for (const { lease, events } of batch) {
    const added = (counts.get(leaseName(lease))?.added ?? 0) + events.length;
    counts.set(leaseName(lease), { lease, added });
  }
  const rows = [...counts.values()].map(({ lease, added }) => ({ ...lease, added }));
  const given = jsonRows(kind, { job: 'text', epoch: 'number', added: 'number' }, rows);
  const reserved = await sql<Lease & { readonly last: number }>`
    update jobs set event_seq = event_seq + given.added from ${given} as given
    where jobs.id = given.job and jobs.epoch = given.epoch and ${isRunning}
    returning jobs.id as job, jobs.epoch as epoch, jobs.event_seq as last`.execute(transaction);
  return new Map(
    reserved.rows.map(({ job, epoch, last }) => {
      const name = leaseName({ job, epoch });
      return [name, last - (counts.get(name)?.added ?? 0) + 1];
    }),
  );
}

/** Puts events into their streams: places were given to them before. */
export async function insertEvents(
  { kind }: SqlDatabase,
  transaction: SqlTransaction,
  rows: readonly { readonly job: string; readonly seq: number; readonly at: number; readonly body: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  const given = jsonRows(kind, { job: 'text', seq: 'number', at: 'number', body: 'text' }, rows);
  await sql`
    insert into events (job, seq, at, body)
    select given.job, given.seq, given.at, given.body from ${given} as given`.execute(transaction);
}

function leaseName({ job, epoch }: Lease): string {
  return `${epoch} ${job}`;
}
