import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Failure, failure, InspanError, type Workspace } from '../../core/index.ts';
import { openDiskWorkspace } from '../../workspace/index.ts';
import { systemCode } from '../paths.ts';

/** The folder in which a job's files appear while agents work. */
export interface OutFolder {
  /** As a person finds it from where they are. */
  readonly name: string;
  /** The folder itself. */
  readonly directory: string;
}

/** Where a job's files go unless `--out` says otherwise. */
export function defaultOutName(team: string, job: string): string {
  const plain = team
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '');
  return join('inspan-out', `${plain === '' ? 'team' : plain}-${job}`);
}

/** Names the folder; nothing is made yet. */
export function outFolder(name: string, directory: string): OutFolder {
  return { name, directory: resolve(directory, name) };
}

/** Says why a folder cannot take a job's files, or null. */
export async function outProblem({ name, directory }: OutFolder): Promise<Failure | null> {
  try {
    const names = await readdir(directory);
    if (names.length === 0) return null;
    return failure('wrong-input', `--out ${name} is not empty: choose another --out or empty it.`);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR')
      return failure('wrong-input', `--out ${name} is no folder: choose another --out.`);
    if (code === null) throw error;
    return failure('wrong-input', `--out ${name} cannot be read (${code}): choose another --out.`);
  }
}

/** Makes the folder and opens a workspace in it; throws `InspanError` when the disk refuses. */
export async function openOutFolder({ name, directory }: OutFolder): Promise<Workspace> {
  const opened = await openDiskWorkspace(directory);
  if (opened.ok) return opened.value;
  throw new InspanError([failure('wrong-input', `--out ${name}: ${opened.failure.message}`)]);
}

/** Keeps a job's report beside its files and names it; an agent's own `result.json` is never written over. */
export async function writeReport(
  { directory }: OutFolder,
  report: unknown,
  files: readonly string[],
): Promise<string> {
  const isTaken = files.some((path) => path.toLowerCase() === 'result.json');
  const name = isTaken ? join('.inspan', 'result.json') : 'result.json';
  try {
    await writeFile(join(directory, name), `${JSON.stringify(report, null, 2)}\n`);
    return name;
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return `${name} could not be written (${code})`;
  }
}
