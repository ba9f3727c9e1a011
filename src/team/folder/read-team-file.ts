import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { failure, InspanError } from '../../core/index.ts';

/** What came of reading one file of a team folder. */
export type TeamFile =
  | { readonly type: 'text'; readonly text: string; readonly path: string }
  | { readonly type: 'missing' }
  | { readonly type: 'refused'; readonly reason: string };

/** A team's text files are prompts: none that a model could take is longer (about 250,000 tokens). */
const bytesMax = 1024 * 1024;

/**
 * Reads a text file of a team folder, never one outside it, whatever symlinks say. Line feeds only, no BOM.
 * `path` in the answer is the file itself, relative to the folder, after symlinks.
 */
export async function readTeamFile(root: string, path: string): Promise<TeamFile> {
  const found = await findInside(root, path);
  if (found.type !== 'inside') return found;
  const { size } = found;
  if (size > bytesMax)
    return { type: 'refused', reason: `it has ${size} bytes; at most ${bytesMax} are read` };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(found.real));
    return { type: 'text', text: text.replaceAll(/\r\n?/g, '\n'), path: found.path };
  } catch (error) {
    if (error instanceof TypeError)
      return { type: 'refused', reason: 'it is not UTF-8 text; save it as UTF-8' };
    return refusal(error);
  }
}

/** Lists the names in a folder of a team, sorted; null when it is not there, `InspanError` when it cannot be read. */
export async function listNames(root: string, folder: string): Promise<readonly string[] | null> {
  try {
    return (await readdir(join(root, folder))).toSorted();
  } catch (error) {
    const refused = refusal(error);
    if (refused.type === 'missing') return null;
    const message = `the folder ${folder} ${refused.reason.replace('it ', '')}; make it readable`;
    throw new InspanError([failure('wrong-team', message, { place: { file: folder } })]);
  }
}

/** Says what is at a path. */
export async function entryType(path: string): Promise<'folder' | 'file' | 'missing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return 'missing';
  }
}

interface Inside {
  readonly type: 'inside';
  readonly real: string;
  readonly path: string;
  readonly size: number;
}

async function findInside(root: string, path: string): Promise<Inside | Exclude<TeamFile, { type: 'text' }>> {
  try {
    const [realRoot, real] = [await realpath(root), await realpath(join(root, path))];
    const inside = relative(realRoot, real);
    if (inside === '..' || inside.startsWith(`..${sep}`)) {
      return { type: 'refused', reason: 'it is outside the team folder; copy it in' };
    }
    const info = await stat(real);
    if (!info.isFile()) return { type: 'refused', reason: 'it is not a file' };
    return { type: 'inside', real, path: inside.split(sep).join('/'), size: info.size };
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): { type: 'missing' } | { type: 'refused'; reason: string } {
  const code = codeOf(error);
  if (code === null) throw error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { type: 'missing' };
  return { type: 'refused', reason: `it cannot be read (${code})` };
}

/** The operating system's word for what went wrong; null for errors that are not its own. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : null;
}
