import {
  type Ending,
  failure,
  hashBytes,
  type JobOutput,
  type Lease,
  type RunStore,
  type Settled,
} from '../../../core/index.ts';
import { insertBlobs } from '../blobs.ts';
import type { SqlTransaction } from '../database.ts';
import { coalesce } from './coalesce.ts';
import { type Move, moveJobs, waitColumns } from './moves.ts';
import { commitMax, type JobRow, lockedJobs, type RunParts } from './parts.ts';
import { jsonOrNull, recordOf } from './rows.ts';
import { useBlobs } from './uses.ts';
import { hasSignalFor } from './waits.ts';

interface Settling {
  readonly lease: Lease;
  readonly ending: Ending;
  /** Of a job that ended. */
  readonly output: Output | null;
}

/** A blob: the hash that names it, and its bytes where they are not kept yet. */
interface Output {
  readonly hash: string;
  readonly bytes: Uint8Array | null;
}

/** Makes the call that lets go of jobs the way their endings say: those that come together are one commit. */
export function createSettle(parts: RunParts): RunStore['settle'] {
  const settle = coalesce<Settling, Settled | null>({
    keyOf: ({ lease }) => lease.job,
    itemsMax: commitMax.jobs,
    run: (batch) => settleJobs(parts, batch),
  });
  return async (lease, ending) => {
    if (ending.type === 'parked' && ending.waits.length === 0) {
      throw new Error(`Job ${lease.job} cannot be parked: it waits for nothing.`);
    }
    const output = ending.type === 'ended' ? await bringOutput(parts, ending.output) : null;
    return await settle({ lease, ending, output });
  };
}

async function bringOutput({ blobs }: RunParts, output: JobOutput): Promise<Output> {
  const bytes = Buffer.from(JSON.stringify(output));
  if (bytes.length > commitMax.bytes) return { hash: await blobs.put(bytes), bytes: null };
  return { hash: hashBytes(bytes), bytes };
}

async function settleJobs(parts: RunParts, batch: readonly Settling[]): Promise<readonly (Settled | null)[]> {
  return await parts.database.write(async (transaction) => {
    const held = await heldRows(parts, transaction, batch);
    const moves = [];
    for (const [settling, row] of held) {
      moves.push({ row, move: await moveFor(parts, { transaction, row }, settling) });
    }
    const moved = await moveJobs(parts, transaction, moves);
    await keepOutputs(parts, transaction, [...held.keys()]);
    const settled = new Map([...held.keys()].map((settling, at) => [settling, moved[at]]));
    return batch.map((settling) => {
      const end = settled.get(settling);
      return end === undefined ? null : { record: recordOf(end.row), events: end.events };
    });
  });
}

/** The locked row of each job whose lease holds. Of two endings of one job, the first one counts. */
async function heldRows(
  parts: RunParts,
  transaction: SqlTransaction,
  batch: readonly Settling[],
): Promise<ReadonlyMap<Settling, JobRow>> {
  const ids = new Set(batch.map(({ lease }) => lease.job));
  const rows = new Map((await lockedJobs(parts, transaction, [...ids])).map((row) => [row.id, row]));
  const held = new Map<Settling, JobRow>();
  for (const settling of batch) {
    const { job, epoch } = settling.lease;
    const row = rows.get(job);
    if (row === undefined || row.state !== 'running' || row.epoch !== epoch) continue;
    held.set(settling, row);
    rows.delete(job);
  }
  return held;
}

async function keepOutputs(
  { database }: RunParts,
  transaction: SqlTransaction,
  held: readonly Settling[],
): Promise<void> {
  const outputs = held.flatMap(({ lease: { job }, output }) => (output === null ? [] : [{ job, ...output }]));
  await useBlobs(
    transaction,
    outputs.map(({ job, hash }) => ({ job, hash })),
  );
  const contents = outputs.flatMap(({ hash, bytes }) => (bytes === null ? [] : [[hash, bytes] as const]));
  // Last, because many may leave the same: until the commit nobody else can keep it.
  await insertBlobs(transaction, new Map(contents), database.now());
}

async function moveFor(
  parts: RunParts,
  { transaction, row }: { readonly transaction: SqlTransaction; readonly row: JobRow },
  { ending, output }: Settling,
): Promise<Move> {
  if (ending.type === 'ended') {
    const { state, costMicroUsd, events = [] } = ending;
    const set = {
      failure: jsonOrNull(ending.failure),
      cost: JSON.stringify(costMicroUsd),
      output: output?.hash ?? null,
    };
    return { to: state, why: ending.failure?.message ?? 'finished', set, events };
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
