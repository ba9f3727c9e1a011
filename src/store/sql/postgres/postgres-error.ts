import { StorageError } from '../../../core/index.ts';

/** What the operating system says when nobody answers. */
const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * SQLSTATEs after which the connection or the server is gone (https://www.postgresql.org/docs/15/errcodes-appendix.html):
 * shut down by hand or by a crash, not ready yet, idle for too long, too many connections.
 */
const goneStates: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '53300']);

/** Serialization failure and deadlock: the server has undone the transaction, and asks for another try. */
const conflictStates: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Classes of SQLSTATE that speak of the server, not of the statement: resources, operators, the system, itself. */
const troubleClasses: ReadonlySet<string> = new Set(['53', '57', '58', 'XX']);

/** What the driver says, without a code, of a connection that has ended or could not be made in time. */
const driverWords =
  /connection terminated|not queryable|timeout exceeded when trying to connect|read timeout/i;

/** Says whether the connection was lost or could not be made. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code === null) return driverWords.test(error.message);
  return networkCodes.has(code) || goneStates.has(code) || code.startsWith('08');
}

/** Says whether the server has undone a transaction because of another one. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && conflictStates.has(codeOf(error) ?? '');
}

/** Tells trouble of the storage as such; whatever else went wrong stays as it is. */
export function tellStorage(error: unknown, outcome: 'undone' | 'unknown'): unknown {
  if (!(error instanceof Error) || error instanceof StorageError) return error;
  const isTrouble =
    isLost(error) || isConflict(error) || troubleClasses.has((codeOf(error) ?? '').slice(0, 2));
  if (!isTrouble) return error;
  const end = outcome === 'undone' ? 'Nothing was kept.' : 'Whether the last change was kept is not known.';
  return new StorageError(`Postgres failed: ${reasonOf(error)}. ${end}`, outcome, error);
}

/** What went wrong in one line; several addresses that do not answer are one error with many parts. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error.message.split('\n')[0]?.replace(/\.$/, '') ?? error.name;
}

/** The SQLSTATE of an answer, or the operating system's word. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
