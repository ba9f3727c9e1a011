import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fail, ok, type Result } from '../../../core/index.ts';
import { isBusy } from './sqlite-error.ts';

/** The process that opens a file, in words for whoever finds it in use. */
export interface Owner {
  readonly processId: number;
  readonly host: string;
}

/** The right to a file. */
export interface Ownership {
  release(): void;
}

/**
 * Makes this process the only one that uses a database file, or says who is: `store-in-use`.
 * The lock is one of the operating system on a file beside it, so it ends with the process, however that dies.
 */
export function ownFile(path: string, owner: Owner, nowMs: number): Result<Ownership> {
  const lock = new DatabaseSync(`${path}-owner`, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    return fail('store-in-use', inUse(readOwner(path)), { place: { file: path } });
  }
  writeOwner(path, { ...owner, sinceMs: nowMs });
  return ok({
    release() {
      rmSync(noteOf(path), { force: true });
      // The lock's own file stays: removing it could take it from under somebody who has just opened it.
      lock.close();
    },
  });
}

type OwnerNote = Owner & { readonly sinceMs: number };

function inUse(owner: OwnerNote | null): string {
  const who =
    owner === null
      ? 'another process'
      : `process ${owner.processId} on ${owner.host}, since ${new Date(owner.sinceMs).toISOString()}`;
  return (
    `This file is in use by ${who}. One process at a time may use it: stop that one, ` +
    'or use Postgres for several.'
  );
}

function noteOf(path: string): string {
  return `${path}-owner.json`;
}

/** Written beside and renamed: whoever reads it finds all of it. */
function writeOwner(path: string, owner: OwnerNote): void {
  const beside = `${noteOf(path)}.new`;
  writeFileSync(beside, JSON.stringify(owner));
  renameSync(beside, noteOf(path));
}

/** Null for the instant in which the owner has the lock and has not said yet who it is. */
function readOwner(path: string): OwnerNote | null {
  try {
    return JSON.parse(readFileSync(noteOf(path), 'utf8')) as OwnerNote;
  } catch {
    return null;
  }
}
