import type { Selectable } from 'kysely';
import {
  isEnded,
  type JobRecord,
  type JobState,
  type Json,
  type NewSignal,
  ok,
  type Result,
  type Wait,
} from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import type { SignalsTable } from '../tables.ts';
import { moveJob } from './moves.ts';
import { lockedJob, type RunParts } from './parts.ts';
import { recordOf, waitsOf } from './rows.ts';
import { alreadyEnded, lockedOwnJob, noSuchJob, type OwnJob } from './turn.ts';
import { isFor } from './waits.ts';

/** Keeps a value from outside, and queues the job when it is parked on it. */
export async function signalJob(parts: RunParts, own: OwnJob, signal: NewSignal): Promise<Result<JobRecord>> {
  return await parts.database.write(async (transaction) => {
    const row = await lockedOwnJob(parts, transaction, own);
    if (row === null) return noSuchJob(own.id);
    if (await isKnown(transaction, row.id, signal.id)) return ok(recordOf(row));
    if (isEnded(row.state as JobState)) return alreadyEnded(row.id, row.state);
    const kept = { name: signal.name, key: signal.key };
    await transaction
      .insertInto('signals')
      .values({
        ...kept,
        job: row.id,
        value: JSON.stringify(signal.value),
        signal_id: signal.id,
        by_whom: signal.by,
        at: parts.database.now(),
      })
      .execute();
    if (row.state !== 'parked' || !waitsOf(row).some((wait) => isFor(kept, wait))) return ok(recordOf(row));
    const move = { to: 'queued', why: `signal ${signal.name}`, set: { not_before: null } } as const;
    return ok(recordOf(await moveJob(parts, { transaction, row }, move)));
  });
}

/**
 * Gives a wait the value that is for it, and marks it as used. The same wait gets the same value however often it
 * asks: a crash between this and its record loses nothing.
 */
export async function takeSignal(
  parts: RunParts,
  id: string,
  wait: Pick<Wait, 'key' | 'signal'>,
): Promise<{ readonly value: Json } | null> {
  const { database } = parts;
  if ((await valueFor(database.read, id, wait)) === null) return null;
  return await database.write(async (transaction) => {
    await lockedJob(parts, transaction, id);
    const signal = await valueFor(transaction, id, wait);
    if (signal === null) return null;
    await transaction
      .updateTable('signals')
      .set({ taken_by: wait.key })
      .where('place', '=', signal.place)
      .execute();
    return { value: JSON.parse(signal.value) as Json };
  });
}

/** What it took before; else the oldest value that names its key; else the oldest that names its signal. */
async function valueFor(
  executor: Pick<SqlTransaction, 'selectFrom'>,
  id: string,
  wait: Pick<Wait, 'key' | 'signal'>,
): Promise<Selectable<SignalsTable> | null> {
  const signals = await executor
    .selectFrom('signals')
    .selectAll()
    .where('job', '=', id)
    .where((on) => on.or([on('taken_by', 'is', null), on('taken_by', '=', wait.key)]))
    .orderBy('place')
    .execute();
  const fitting = signals.filter((signal) => isFor(signal, wait));
  return (
    signals.find(({ taken_by }) => taken_by === wait.key) ??
    fitting.find(({ key }) => key !== null) ??
    fitting[0] ??
    null
  );
}

async function isKnown(transaction: SqlTransaction, job: string, id: string | null): Promise<boolean> {
  if (id === null) return false;
  const known = await transaction
    .selectFrom('signals')
    .select('place')
    .where('job', '=', job)
    .where('signal_id', '=', id)
    .executeTakeFirst();
  return known !== undefined;
}
