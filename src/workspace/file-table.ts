import { type FileInfo, hashBytes, ok, type Result } from '../core/index.ts';
import { type Name, nameOf } from './name.ts';

/** The largest file of a workspace unless its opener says another, in bytes: 32 MiB. */
const fileBytesMaxDefault = 32 * 1024 * 1024;

/** The most files of a workspace unless its opener says another. */
const filesMaxDefault = 10_000;

/** The maxima of a workspace. */
export interface WorkspaceOptions {
  /** The largest file, in bytes. Default 32 MiB. */
  readonly bytesMax?: number;
  /** The most files at one time. Default 10,000. */
  readonly filesMax?: number;
}

/** What is known of one path: its file, or that it has been removed. Both count its versions. */
export type FileRecord = FileHere | FileGone;

/** A file that is there. */
export interface FileHere {
  readonly type: 'here';
  readonly name: Name;
  readonly info: FileInfo;
}

/** A file that was removed. Its version is kept, so that none is ever used twice. */
export interface FileGone {
  readonly type: 'gone';
  readonly name: Name;
  readonly version: number;
}

/**
 * Where files are kept: all that a driver has to bring. It trusts its caller with every rule
 * (paths, rights, versions, limits): those are written once, in the view that stands before it.
 */
export interface FileTable {
  readonly limits: Required<WorkspaceOptions>;
  /** The newest record of a path. */
  recordOf(path: string): FileRecord | undefined;
  /** The newest record of every path, in no order. */
  records(): Iterable<FileRecord>;
  /** The bytes of a file, for the caller to keep. */
  bytesOf(file: FileHere): Promise<Result<Uint8Array>>;
  /** Makes a record the newest of its path; `bytes` are the file's, and empty for a removed one. */
  keep(record: FileRecord, bytes: Uint8Array): Promise<Result<void>>;
  /** Runs one task after the other, so that nothing changes between a check and the write it allows. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
}

/** Makes the record of a file with these bytes. */
export function fileHere(path: string, bytes: Uint8Array, version: number): FileHere {
  const info: FileInfo = { path, hash: hashBytes(bytes), bytesSize: bytes.byteLength, version };
  return { type: 'here', name: nameOf(path), info };
}

/** Makes the record of a file that is removed. */
export function fileGone(path: string, version: number): FileGone {
  return { type: 'gone', name: nameOf(path), version };
}

/** The version of a record; 0 where there is none. */
export function versionOf(record: FileRecord | undefined): number {
  if (record === undefined) return 0;
  return record.type === 'here' ? record.info.version : record.version;
}

/** Fills in the maxima that an opener did not say. */
export function limitsOf({ bytesMax = fileBytesMaxDefault, filesMax = filesMaxDefault }: WorkspaceOptions) {
  return Object.freeze({ bytesMax, filesMax });
}

/** Makes a queue: each task begins when the one before has ended, however it ended. */
export function createTurns(): FileTable['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task);
    // The failure of a turn belongs to the caller who asked for it, not to the next in line.
    last = turn.then(noop, noop);
    return turn;
  };
}

function noop(): void {}

/** Files in memory, perhaps laid over another table, which shows through. */
export interface OverlayTable extends FileTable {
  /** What was kept here. `before` is what the table below had when that path was first kept. */
  kept(): readonly KeptFile[];
}

/** One path that an overlay has changed. */
export interface KeptFile {
  readonly record: FileRecord;
  readonly bytes: Uint8Array;
  readonly before: FileRecord | undefined;
}

/** Makes a table in memory. `below`: what it is laid over; nothing in it is ever changed. */
export function createMemoryTable(limits: Required<WorkspaceOptions>, below: FileTable | null): OverlayTable {
  const rows = new Map<string, KeptFile>();
  const recordOf = (path: string) => rows.get(path)?.record ?? below?.recordOf(path);
  return {
    limits,
    recordOf,
    *records() {
      for (const row of rows.values()) yield row.record;
      for (const record of below?.records() ?? []) if (!rows.has(record.name.path)) yield record;
    },
    async bytesOf(file) {
      const row = rows.get(file.name.path);
      if (row?.record === file) return ok(row.bytes.slice());
      if (below === null)
        throw new Error(`bytesOf was given a record of ${file.name.path} that is not the newest`);
      return await below.bytesOf(file);
    },
    async keep(record, bytes) {
      const path = record.name.path;
      const row = rows.get(path);
      const before = row === undefined ? below?.recordOf(path) : row.before;
      rows.set(path, { record, bytes: bytes.slice(), before });
      return ok(undefined);
    },
    inTurn: createTurns(),
    kept: () => [...rows.values()],
  };
}
