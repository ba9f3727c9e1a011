import { StorageError } from '../../../core/index.ts';

/** Primary result codes of SQLite (https://sqlite.org/rescode.html); extended ones carry them in their lowest byte. */
const busy = 5;
const full = 13;
const notADatabase = 26;

/** Locked by an outside tool, read-only, input or output failed, damaged, disk full, not to be opened, no database. */
const troubles: ReadonlySet<number> = new Set([busy, 8, 10, 11, full, 14, notADatabase]);

/** Says whether somebody else holds a lock. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === busy;
}

/** Says whether a file is something else than a database. */
export function isNoDatabase(error: unknown): boolean {
  return primaryCode(error) === notADatabase;
}

/** Tells trouble of the file as such; whatever else went wrong stays as it is. */
export function tellStorage(error: unknown, outcome: 'undone' | 'unknown'): unknown {
  const code = primaryCode(error);
  if (!(error instanceof Error) || code === null || !troubles.has(code)) return error;
  // A lock or a full disk stops a commit before it has begun.
  const isSure = outcome === 'undone' || code === busy || code === full;
  const end = isSure ? 'Nothing was kept.' : 'Whether the last change was kept is not known.';
  return new StorageError(
    `The database file failed: ${error.message}. ${end}`,
    isSure ? 'undone' : 'unknown',
    error,
  );
}

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}
