import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { hashBytes, hashJson } from '../core/index.ts';

/** A tool that needs more files than this brings a package, which is not followed anyway. */
const filesMax = 500;

/**
 * Hashes the code of a tool: its file, and what that imports by relative paths within the team's folder, by their
 * paths in it. Packages are not followed: their versions stand elsewhere.
 */
export async function hashToolCode(path: string, teamFolder: string): Promise<string> {
  const hashes = new Map<string, string>();
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined && hashes.size < filesMax; next = waiting.pop()) {
    const name = relative(teamFolder, next).split(sep).join('/');
    if (hashes.has(name) || name.startsWith('../') || isAbsolute(name)) continue;
    const source = await readSource(next);
    if (source === null) continue;
    hashes.set(name, hashBytes(source));
    const folder = dirname(next);
    waiting.push(...relativeImports(source).map((specifier) => join(folder, specifier)));
  }
  return hashJson(Object.fromEntries(hashes));
}

/** Finds more than a parser would, in comments for example: what is no file is left out. */
function relativeImports(source: string): readonly string[] {
  const found = source.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"`])(\.{1,2}\/[^'"`\n]+)\1/g);
  return Array.from(found, ([, , specifier = '']) => specifier.replace(/[?#].*$/, ''));
}

async function readSource(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Not a file, or gone: the import itself has told what is wrong with it.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return null;
  }
}
