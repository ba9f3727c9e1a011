import { accessSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Failure, failure } from '../../../core/index.ts';
import { isNoDatabase } from './sqlite-error.ts';

/** Marks a file as ours: `Insp` in ASCII, where SQLite keeps the word of the application that made a file. */
const applicationId = 0x49_6e_73_70;

/** How long a lock of an outside tool is waited for, in ms. Node waits with it, so it is short. */
const busyMs = 1000;

/** Briefs and the secrets of webhooks are in it. */
const ownerOnly = 0o600;

/**
 * Says why a path can hold no database of ours, or null. Writes nothing: neither into another program's file nor beside
 * it.
 */
export function findFault(path: string): Failure | null {
  const say = (message: string): Failure => failure('wrong-config', message, { place: { file: path } });
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return say(`There is no folder ${folder}. Make it, or name another file.`);
  }
  if (!isAllowed(folder, constants.W_OK)) {
    return say(`The folder ${folder} may not be written to. Allow it, or name another file.`);
  }
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return null;
  if (!file.isFile()) return say('This is no file. Name a file; it is made where it does not exist.');
  if (!isAllowed(path, constants.R_OK | constants.W_OK)) {
    return say('This file may not be read and written. Allow it, or name another file.');
  }
  if (file.size === 0 || isOurs(path)) return null;
  return say('This file is no database of Inspan. Name another file; this one was left as it is.');
}

/** Opens the connection that writes. Marks a new file as ours, and lets nobody else read it. */
export function openWriter(path: string): DatabaseSync {
  if (!existsSync(path)) closeSync(openSync(path, 'a', ownerOnly));
  const connection = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: false });
  // Before anything is written: a file keeps the way of vacuuming that it began with.
  connection.exec('pragma auto_vacuum = incremental');
  if (readApplicationId(connection) !== applicationId) {
    connection.exec(`pragma application_id = ${applicationId}`);
  }
  connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory');
  // 40 MB instead of 4: a page that many commits change is copied into the file once for all of them.
  connection.exec('pragma wal_autocheckpoint = 10000');
  return connection;
}

/** Opens the connection that reads. It sees what is committed, whatever the other one is at. */
export function openReader(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: busyMs, readOnly: true });
  connection.exec('pragma temp_store = memory');
  return connection;
}

/** Through SQLite itself: closing a file that was opened otherwise would end the locks this process has on it. */
function isOurs(path: string): boolean {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
  try {
    return readApplicationId(connection) === applicationId;
  } catch (error) {
    if (isNoDatabase(error)) return false;
    throw error;
  } finally {
    connection.close();
  }
}

function readApplicationId(connection: DatabaseSync): unknown {
  return connection.prepare('pragma application_id').get()?.['application_id'];
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
