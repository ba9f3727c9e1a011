import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../core/index.ts';
import { normalizeText, type SkillNotice } from './frontmatter.ts';
import { resolveInside } from './resolve-inside.ts';
import { type SkillFile, sortedByPath } from './skill.ts';

/** Where a skill is. `root` is the resolved skills folder, `place` the skill's folder as a person knows it. */
export interface SkillFolder {
  readonly root: string;
  readonly path: string;
  readonly folder: string;
  readonly place: Place;
}

/** Folders below a skill: `references/tone/formal.md` is as deep as it goes. */
const depthMax = 3;
const filesMax = 200;
const fileBytesMax = 256 * 1024;

/** Folders that tools make; nobody means them to be part of a skill. */
const ignoredFolders: readonly string[] = ['node_modules', '__pycache__'];

/** The text files of a skill. */
export interface SkillFiles {
  readonly files: readonly SkillFile[];
  readonly notices: readonly SkillNotice[];
}

/** Reads the text files beside a SKILL.md: at most 200, 256 KiB each, three levels deep, without dotfiles. */
export async function readSkillFiles(where: SkillFolder, skillFileName: string): Promise<SkillFiles> {
  const found = await listFiles(where, '');
  const paths = found.paths.filter((path) => path !== skillFileName).toSorted();
  const read = [];
  for (const path of paths.slice(0, filesMax)) read.push(await readOne(where, path));
  const surplus =
    paths.length > filesMax
      ? [notice(where, '', `The folder has ${paths.length} files: only the first ${filesMax} are read.`)]
      : [];
  return {
    files: sortedByPath(read.flatMap(({ files }) => files)),
    notices: [...found.notices, ...surplus, ...read.flatMap(({ notices }) => notices)],
  };
}

interface Listing {
  readonly paths: readonly string[];
  readonly notices: readonly SkillNotice[];
}

async function listFiles(where: SkillFolder, below: string): Promise<Listing> {
  const entries = (await readdir(join(where.path, below)))
    .filter((entry) => !entry.startsWith('.'))
    .toSorted();
  const listings: Listing[] = [];
  for (const entry of entries)
    listings.push(await listEntry(where, below === '' ? entry : `${below}/${entry}`));
  return {
    paths: listings.flatMap(({ paths }) => paths),
    notices: listings.flatMap(({ notices }) => notices),
  };
}

async function listEntry(where: SkillFolder, path: string): Promise<Listing> {
  const entry = await resolveInside(where.root, join(where.path, path));
  const leftOut = (message: string): Listing => ({ paths: [], notices: [notice(where, path, message)] });
  switch (entry.type) {
    case 'file':
      if (entry.bytesSize <= fileBytesMax) return { paths: [path], notices: [] };
      return leftOut(
        `This file has ${entry.bytesSize} bytes and is left out: at most ${fileBytesMax} are read.`,
      );
    case 'directory':
      return listFolder(where, path, leftOut);
    case 'outside':
      return leftOut('This link leads out of the skills folder and is not followed: copy what it points to.');
    case 'missing':
    case 'unreadable':
      return leftOut('This cannot be read and is left out.');
  }
}

async function listFolder(
  where: SkillFolder,
  path: string,
  leftOut: (message: string) => Listing,
): Promise<Listing> {
  const depth = path.split('/').length;
  if (ignoredFolders.includes(path.slice(path.lastIndexOf('/') + 1))) return { paths: [], notices: [] };
  if (depth < depthMax) return listFiles(where, path);
  return leftOut(
    `This folder is too deep and is left out: a skill's files are at most ${depthMax} levels deep.`,
  );
}

async function readOne(where: SkillFolder, path: string): Promise<SkillFiles> {
  const text = decodeText(await readFile(join(where.path, path)));
  if (text !== null) return { files: [{ path, text: normalizeText(text) }], notices: [] };
  return { files: [], notices: [notice(where, path, 'This file is not UTF-8 text and is left out.')] };
}

/** A NUL byte is valid UTF-8, but no text has one. */
function decodeText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}

function notice(where: SkillFolder, path: string, message: string): SkillNotice {
  return { message, place: { file: path === '' ? where.place.file : `${where.place.file}/${path}` } };
}
