import { mkdir, realpath } from 'node:fs/promises';
import { fail, hashBytes, ok, type Result, type Workspace } from '../core/index.ts';
import { createDisk, type Disk, onDisk } from './disk.ts';
import { type DiskIndex, openDiskIndex } from './disk-index.ts';
import {
  createTurns,
  type FileHere,
  type FileRecord,
  type FileTable,
  limitsOf,
  type WorkspaceOptions,
} from './file-table.ts';
import { quotePath } from './path.ts';
import { createWorkspace } from './view.ts';

/**
 * Opens the workspace that a folder holds, and makes the folder where there is none.
 * Its files stand in it as plain files for people to look at, but what counts is kept below `.inspan/`: each content
 * under its hash, and an index of every write. One run at a time may use a folder.
 */
export async function openDiskWorkspace(
  directory: string,
  options: WorkspaceOptions = {},
): Promise<Result<Workspace>> {
  return await onDisk(async () => {
    await mkdir(directory, { recursive: true });
    const disk = createDisk(await realpath(directory));
    const index = await openDiskIndex(disk);
    if (!index.ok) return index;
    const table = createDiskTable(disk, index.value, options);
    await showAgain(disk, table, index.value.records.at(-1));
    return ok(createWorkspace(table));
  });
}

function createDiskTable(disk: Disk, index: DiskIndex, options: WorkspaceOptions): FileTable {
  const rows = new Map(index.records.map((record) => [record.name.path, record]));
  return {
    limits: limitsOf(options),
    recordOf: (path) => rows.get(path),
    records: () => rows.values(),
    bytesOf: (file) => onDisk(() => readBlob(disk, file)),
    inTurn: createTurns(),
    // The order is what makes a crash harmless at any point: no index line without its content, and no plain file
    // that the index does not know. All that takes space comes before the line, so that a full disk changes nothing.
    keep: (record, bytes) =>
      onDisk(async () => {
        const way = await disk.checkWay(record.name.path);
        if (!way.ok) return way;
        const blob = record.type === 'here' ? await keepBlob(disk, record, bytes) : ok(undefined);
        if (!blob.ok) return blob;
        const show = await prepareShow(disk, record, bytes);
        const appended = await index.append(record);
        if (!appended.ok) return appended;
        rows.set(record.name.path, record);
        await show();
        return ok(undefined);
      }),
  };
}

function blobPath({ info }: FileHere): string {
  return `.inspan/blobs/${info.hash}`;
}

async function keepBlob(disk: Disk, file: FileHere, bytes: Uint8Array): Promise<Result<void>> {
  const way = await disk.checkWay(blobPath(file));
  if (!way.ok) return way;
  // A blob that is there may be damaged: writing the file again must mend it.
  const there = way.value === 'file' ? await disk.read(blobPath(file)) : null;
  if (there === null || hashBytes(there) !== file.info.hash) await writeWhole(disk, blobPath(file), bytes);
  return ok(undefined);
}

async function readBlob(disk: Disk, file: FileHere): Promise<Result<Uint8Array>> {
  const way = await disk.checkWay(blobPath(file));
  if (!way.ok) return way;
  const bytes = await disk.read(blobPath(file));
  const name = quotePath(file.name.path);
  if (bytes === null) {
    return fail(
      'file-not-found',
      `The content of ${name} is missing from the records. Write the file again.`,
    );
  }
  if (hashBytes(bytes) === file.info.hash) return ok(bytes);
  return fail('tool-failed', `The content of ${name} is damaged in the records. Write the file again.`);
}

/** Gives the step that makes the plain file say what its record says. */
async function prepareShow(disk: Disk, record: FileRecord, bytes: Uint8Array): Promise<() => Promise<void>> {
  if (record.type === 'here') return await disk.prepare(record.name.path, bytes);
  return () => disk.remove(record.name.path);
}

/** Writes a whole file at once. */
async function writeWhole(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const place = await disk.prepare(path, bytes);
  await place();
}

/**
 * Puts back plain files that are missing, and the last one written, whose writing a crash may have cut short.
 * Others that differ are left alone: somebody may still need what they wrote there, though it does not count.
 */
async function showAgain(disk: Disk, table: FileTable, last: FileRecord | undefined): Promise<void> {
  for (const record of table.records()) {
    // A failure is left to the write that meets it again: a folder that can only be read can still be read.
    await onDisk(async () => {
      const way = await disk.checkWay(record.name.path);
      if (!way.ok) return way;
      const isLast = record === last;
      if (record.type === 'gone') {
        if (isLast && way.value === 'file') await disk.remove(record.name.path);
        return ok(undefined);
      }
      if (way.value === 'file' && !(isLast && (await differs(disk, record)))) return ok(undefined);
      const bytes = await readBlob(disk, record);
      if (bytes.ok) await writeWhole(disk, record.name.path, bytes.value);
      return bytes;
    });
  }
}

async function differs(disk: Disk, { info }: FileHere): Promise<boolean> {
  const bytes = await disk.read(info.path);
  return bytes === null || hashBytes(bytes) !== info.hash;
}
