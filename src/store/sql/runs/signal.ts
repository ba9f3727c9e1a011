import type { Selectable } from 'kysely';
import {
  fail,
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
import { noteDone } from './audit.ts';
import { moveJob } from './moves.ts';
import type { RunParts } from './parts.ts';
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
    if (await isFull(transaction, row.id)) return tooMany(row.id);
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
    await noteDone(transaction, {
      atMs: parts.database.now(),
      tenant: row.tenant,
      by: signal.by,
      action: 'job.signal',
      target: row.id,
      detail: { name: signal.name },
    });
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
    await database.lockJob(transaction, id);
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
): Promise<Pick<Selectable<SignalsTable>, 'place' | 'value'> | null> {
  const oldest = executor
    .selectFrom('signals')
    .select(['place', 'value'])
    .where('job', '=', id)
    .orderBy('place')
    .limit(1);
  const unused = oldest.where('taken_by', 'is', null);
  return (
    (await oldest.where('taken_by', '=', wait.key).executeTakeFirst()) ??
    (await unused.where('key', '=', wait.key).executeTakeFirst()) ??
    (await unused.where('key', 'is', null).where('name', '=', wait.signal).executeTakeFirst()) ??
    null
  );
}

/** As many as anything sensible sends before a job gets to them; each of them may be large. */
const unusedMax = 1_000;

async function isFull(transaction: SqlTransaction, job: string): Promise<boolean> {
  const last = await transaction
    .selectFrom('signals')
    .select('place')
    .where('job', '=', job)
    .where('taken_by', 'is', null)
    .orderBy('place')
    .offset(unusedMax - 1)
    .limit(1)
    .executeTakeFirst();
  return last !== undefined;
}

function tooMany(id: string): Result<never> {
  return fail(
    'too-many-requests',
    `Job ${id} has ${unusedMax} signals that it has not used: wait until it takes some, or cancel it.`,
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
