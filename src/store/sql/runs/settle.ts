import { type Ending, failure, type JobRecord, type Lease } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import { insertEvents, placed, rowOf } from './emit.ts';
import { type Move, moveJob, waitColumns } from './moves.ts';
import { keepJson } from './pack.ts';
import { type JobRow, lockedJob, type RunParts } from './parts.ts';
import { jsonOrNull, recordOf } from './rows.ts';
import { useBlobs } from './uses.ts';
import { hasSignalFor } from './waits.ts';

/** Lets a worker's job go the way its ending says; null when the lease is over. */
export async function settleJob(parts: RunParts, lease: Lease, ending: Ending): Promise<JobRecord | null> {
  if (ending.type === 'parked' && ending.waits.length === 0) {
    throw new Error(`Job ${lease.job} cannot be parked: it waits for nothing.`);
  }
  const output = ending.type === 'ended' ? await keepJson(parts.blobs, ending.output) : null;
  return await parts.database.write(async (transaction) => {
    const row = await lockedJob(parts, transaction, lease.job);
    if (row === null || row.state !== 'running' || row.epoch !== lease.epoch) return null;
    if (output !== null) await useBlobs(transaction, [{ job: row.id, hash: output }]);
    const move = await moveFor(parts, { transaction, row }, { ending, output });
    const told = await tellLast(parts, { transaction, row }, ending);
    return recordOf(await moveJob(parts, { transaction, row: told }, move));
  });
}

/** Tells what comes before the move, and gives the row as it is then. */
async function tellLast(
  { database }: RunParts,
  { transaction, row }: { readonly transaction: SqlTransaction; readonly row: JobRow },
  ending: Ending,
): Promise<JobRow> {
  const events = ending.type === 'ended' ? (ending.events ?? []) : [];
  const told = placed(events, row.event_seq + 1, database.now());
  await insertEvents(
    database,
    transaction,
    told.map((event) => rowOf(row.id, event)),
  );
  return { ...row, event_seq: row.event_seq + events.length };
}

async function moveFor(
  parts: RunParts,
  { transaction, row }: { readonly transaction: SqlTransaction; readonly row: JobRow },
  { ending, output }: { readonly ending: Ending; readonly output: string | null },
): Promise<Move> {
  if (ending.type === 'ended') {
    const { state, costMicroUsd } = ending;
    const set = { failure: jsonOrNull(ending.failure), cost: JSON.stringify(costMicroUsd), output };
    return { to: state, why: ending.failure?.message ?? 'finished', set };
  }
  const cost = ending.type === 'parked' ? { cost: JSON.stringify(ending.costMicroUsd) } : {};
  if (row.cancel_asked === 1) return cancelled('cancelled before it went on', cost);
  if (ending.type === 'handed-over') {
    const set = { not_before: ending.notBeforeMs, failure: jsonOrNull(ending.failure) };
    return { to: 'queued', why: ending.why, set };
  }
  const { waits } = ending;
  const goOn = { to: 'queued', set: { ...cost, not_before: null } } as const;
  if (waits.some(({ untilMs }) => untilMs !== null && untilMs <= parts.database.now())) {
    return { ...goOn, why: 'a wait is over' };
  }
  if (await hasSignalFor(transaction, row.id, waits)) return { ...goOn, why: 'a signal came' };
  return { to: 'parked', why: 'waits', set: { ...cost, ...waitColumns(waits) } };
}

/** The move of a job whose end somebody asked for. */
export function cancelled(why: string, set: Move['set'] = {}, message = why): Move {
  return { to: 'cancelled', why, set: { ...set, failure: JSON.stringify(failure('cancelled', message)) } };
}
