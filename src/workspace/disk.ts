import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../core/index.ts';
import { quotePath } from './path.ts';

/** What stands at the end of a path. */
export type WayEnd = 'nothing' | 'file';

/** One folder of the machine. Paths are checked paths of a workspace; nothing outside the folder is ever touched. */
export interface Disk {
  /** Looks at every step down to a path. A link, or anything else in the way, is `path-refused`. */
  checkWay(path: string): Promise<Result<WayEnd>>;
  /** The bytes of a file, or null where there is none. */
  read(path: string): Promise<Uint8Array | null>;
  /**
   * Writes a whole file beside its place, and gives the step that puts it there: all of it, or nothing.
   * One file at a time: what was prepared and not placed is lost with the next.
   */
  prepare(path: string, bytes: Uint8Array): Promise<() => Promise<void>>;
  /** Opens a file to be written in place, made where there is none. The caller closes it. */
  open(path: string): Promise<FileHandle>;
  /** Removes a file, and the folders that this leaves empty. */
  remove(path: string): Promise<void>;
}

/** Where a file is written before it takes its place. */
const incomingPath = '.inspan/incoming';

/** Opens a folder of the machine. Nothing is read or written yet. */
export function createDisk(root: string): Disk {
  const at = (path: string) => join(root, ...path.split('/'));
  return {
    checkWay: (path) => checkWay(root, path.split('/')),
    read: (path) => readOrNull(at(path)),
    async prepare(path, bytes) {
      await makeFolder(dirname(at(incomingPath)));
      await writeNew(at(incomingPath), bytes);
      await makeFolder(dirname(at(path)));
      return async () => {
        await rename(at(incomingPath), at(path));
        await syncFolder(dirname(at(path)));
      };
    },
    open: (path) => openInPlace(at(path)),
    async remove(path) {
      await rm(at(path), { force: true });
      const folders = path.split('/').slice(0, -1);
      for (let depth = folders.length; depth > 0; depth--) {
        if (!(await removeEmptyFolder(join(root, ...folders.slice(0, depth))))) return;
      }
    },
  };
}

/**
 * Runs what needs the disk, and turns the disk's refusals into failures.
 * Messages name no path of the machine; anything that is no refusal of the system is a bug and thrown on.
 */
export async function onDisk<T>(task: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await task();
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    if (code === 'ELOOP') return fail('path-refused', `A symbolic link is in the way. ${replaceLink}`);
    return fail(
      'tool-failed',
      `The disk refused (${code}). ${nextSteps[code] ?? 'Look at the disk, then try again.'}`,
    );
  }
}

const nextSteps: Readonly<Record<string, string>> = Object.freeze({
  ENOSPC: 'It is full: free some space, then try again.',
  EDQUOT: 'The quota is used up: free some space, then try again.',
  EACCES: 'Give this process the right to read and write the folder of the workspace.',
  EPERM: 'Give this process the right to read and write the folder of the workspace.',
  EROFS: 'The folder of the workspace can only be read: choose another.',
  EEXIST: 'A file stands where the folder of the workspace should be: choose another folder.',
  ENOTDIR: 'A file stands where the folder of the workspace should be: choose another folder.',
  EMFILE: 'Too many files are open: try again later.',
  ENFILE: 'Too many files are open: try again later.',
});

const replaceLink = 'Links are never followed: put a real file or folder in its place.';

/** The system's own code of a failed call, or null for every other error. */
function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

async function checkWay(root: string, segments: readonly string[]): Promise<Result<WayEnd>> {
  for (let depth = 1; depth <= segments.length; depth++) {
    const step = segments.slice(0, depth);
    const found = await unlessMissing(() => lstat(join(root, ...step)));
    if (found === null) return ok('nothing');
    const name = quotePath(step.join('/'));
    if (found.isSymbolicLink())
      return fail('path-refused', `${name} is a symbolic link on disk. ${replaceLink}`);
    const isLast = depth === segments.length;
    if (isLast && !found.isFile()) {
      return fail(
        'path-refused',
        `A folder or device is in the way at ${name} on disk. Move it away, or choose another name.`,
      );
    }
    if (!isLast && !found.isDirectory()) {
      return fail('path-refused', `${name} is no folder on disk. Move it away, or choose another folder.`);
    }
  }
  return ok('file');
}

async function readOrNull(place: string): Promise<Uint8Array | null> {
  const flag = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
  return await unlessMissing(async () => new Uint8Array(await readFile(place, { flag })));
}

/** Removing first makes sure that it is a new file, and nobody's link. */
async function writeNew(place: string, bytes: Uint8Array): Promise<void> {
  await rm(place, { force: true });
  const handle = await open(place, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function openInPlace(place: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
  const handle = await unlessMissing(() => open(place, flags));
  if (handle !== null) return handle;
  await makeFolder(dirname(place));
  const made = await open(place, flags | constants.O_CREAT);
  await syncFolder(dirname(place));
  return made;
}

async function makeFolder(place: string): Promise<void> {
  const highest = await mkdir(place, { recursive: true });
  if (highest === undefined) return;
  for (let made = place; made.length >= highest.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Makes a new name in a folder survive a power cut. Windows opens no folders, and needs no such thing. */
async function syncFolder(place: string): Promise<void> {
  try {
    const handle = await open(place, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** Says whether the folder is gone. */
async function removeEmptyFolder(place: string): Promise<boolean> {
  try {
    await rmdir(place);
    return true;
  } catch (error) {
    // Not empty, or not ours to remove: it stays, and does no harm.
    if (systemCode(error) === null) throw error;
    return false;
  }
}

async function unlessMissing<T>(task: () => Promise<T>): Promise<T | null> {
  try {
    return await task();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
