import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Clock, type Failure, fail, failure, ok, type Result } from '../../../core/index.ts';
import { findFault } from './open-file.ts';
import { type Owner, ownFile } from './owner.ts';

/**
 * Copies a database as it stands at one moment, whoever is using it: here or in another process. On a thread of its own,
 * because a large file takes seconds, and SQLite has nobody else's turn meanwhile.
 */
const copy = `
  const { workerData: { from, to } } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
  source.prepare('vacuum into ?').run(to);
  source.close();
`;

/** Who restores, and whether what is there may be lost. */
export interface RestoreOptions {
  readonly clock: Clock;
  readonly owner: Owner;
  /** Default: false, a file that exists stays. */
  readonly replace?: boolean;
}

/** Keeps a whole and consistent copy of a store, also while it is in use. */
export async function backupFile(from: string, to: string): Promise<Result<void>> {
  if (existsSync(to)) {
    return fail('wrong-config', 'This file exists. Name another one for the backup.', {
      place: { file: to },
    });
  }
  const copied = await copyDatabase(from, to);
  if (!copied.ok) return copied;
  renameSync(copied.value, to);
  syncFile(dirname(to));
  return ok(undefined);
}

/**
 * Makes a backup the store in a file. `store-in-use` while a process uses that file; `wrong-config` where it exists and
 * must stay.
 */
export async function restoreFile(
  from: string,
  to: string,
  { clock, owner, replace = false }: RestoreOptions,
): Promise<Result<void>> {
  const place = { file: to };
  const fault = findFault(to);
  if (fault !== null) return { ok: false, failure: fault };
  const owned = ownFile(to, owner, clock.now());
  if (!owned.ok) return owned;
  try {
    if (existsSync(to) && !replace) {
      return fail('wrong-config', 'This file exists. Say that it may be replaced, or name another one.', {
        place,
      });
    }
    const copied = await copyDatabase(from, to);
    if (!copied.ok) return copied;
    // The log of the old file first: SQLite would take it for the new one's.
    for (const side of ['-wal', '-shm']) rmSync(`${to}${side}`, { force: true });
    renameSync(copied.value, to);
    syncFile(dirname(to));
    return ok(undefined);
  } finally {
    owned.value.release();
  }
}

/** Copies beside a file and gives the copy's path, once it is safe on the disk. */
async function copyDatabase(from: string, to: string): Promise<Result<string>> {
  const part = `${to}.part`;
  const fault = existsSync(from) ? (findFault(from) ?? findFault(to)) : missing(from);
  if (fault !== null) return { ok: false, failure: fault };
  rmSync(part, { force: true });
  try {
    await runWorker({ from, to: part });
    syncFile(part);
    return ok(part);
  } catch (error) {
    rmSync(part, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    return fail('storage-failed', `The database cannot be copied: ${reason}.`, { place: { file: from } });
  }
}

function missing(file: string): Failure {
  return failure('wrong-config', 'There is no such file.', { place: { file } });
}

function runWorker(workerData: { readonly from: string; readonly to: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(copy, { eval: true, workerData });
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
