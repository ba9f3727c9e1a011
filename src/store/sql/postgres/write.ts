import type { Kysely } from 'kysely';
import { StorageError } from '../../../core/index.ts';
import type { SqlDatabase, SqlTransaction } from '../database.ts';
import type { Tables } from '../tables.ts';
import { isConflict, isLost, tellStorage } from './postgres-error.ts';
import { type RetryOptions, retried } from './retry.ts';

/** Makes the way to write: in transactions that are begun again when the server has surely undone them. */
export function createWrite(
  database: Kysely<Tables>,
  options: Pick<RetryOptions, 'clock' | 'signal'>,
): SqlDatabase['write'] {
  const mayRetry = (error: unknown): boolean =>
    error instanceof StorageError &&
    error.outcome === 'undone' &&
    (isLost(error.cause) || isConflict(error.cause));
  return (work) => retried(() => writeOnce(database, work), { ...options, mayRetry });
}

async function writeOnce<T>(
  database: Kysely<Tables>,
  work: (transaction: SqlTransaction) => Promise<T>,
): Promise<T> {
  // The error of a connection that was lost is hidden by that of the rollback which cannot be sent any more.
  let failed: { readonly error: unknown } | null = null;
  let isDone = false;
  try {
    return await database.transaction().execute(async (transaction) => {
      try {
        const value = await work(transaction);
        isDone = true;
        return value;
      } catch (error) {
        failed = { error };
        throw error;
      }
    });
  } catch (error) {
    const first = failed === null ? error : (failed as { readonly error: unknown }).error;
    // Once the commit was sent, a lost connection hides whether it has arrived.
    throw tellStorage(first, isDone && isLost(first) ? 'unknown' : 'undone');
  }
}
