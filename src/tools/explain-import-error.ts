import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Failure, failure, type Place } from '../core/index.ts';
import { firstLine } from './error-text.ts';

/** Where a tool file is: its folder on disk, and the file as a person knows it. */
export interface ToolFilePlace {
  readonly directory: string;
  readonly place: Place;
}

/** A file that could not be imported. */
export interface BrokenFile extends ToolFilePlace {
  readonly path: string;
  readonly source: string;
}

/** Says why a file could not be imported, where, and how to mend it. */
export function explainImportError(error: unknown, file: BrokenFile): readonly Failure[] {
  const made = failuresOf(error);
  const place = placeOf(error, file);
  // What `tool()` itself refused: it knows what is wrong, but not in which file.
  if (made.length > 0) return made.map((message) => failure('wrong-team', message, { place }));
  const { message, line } = explain(error, file);
  return [failure('wrong-team', message, { place: line === undefined ? place : { ...file.place, line } })];
}

/** The messages of an `InspanError`, also one of another copy of the package. */
function failuresOf(error: unknown): readonly string[] {
  if (!(error instanceof Error && error.name === 'InspanError' && 'failures' in error)) return [];
  if (!Array.isArray(error.failures)) return [];
  return error.failures.map((each: Failure) => each.message);
}

interface Explanation {
  readonly message: string;
  readonly line?: number;
}

function explain(error: unknown, file: BrokenFile): Explanation {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = firstLine(error).replace(/\.$/, '');
  switch (code) {
    case 'ERR_MODULE_NOT_FOUND':
      return explainMissing(error as Error, file);
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return {
        message: `${reason}: types are only stripped here. Write it without enums, namespaces, parameter properties and decorators.`,
      };
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return {
        message: 'TypeScript below node_modules is not run: publish this team with its tools as JavaScript.',
      };
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return { message: `${reason}: import only .ts, .mts, .js, .mjs and .json files.` };
    default:
      return explainSyntax(error, reason);
  }
}

function explainSyntax(error: unknown, reason: string): Explanation {
  if (!(error instanceof SyntaxError)) return { message: `The file failed when it was imported: ${reason}.` };
  if (/does not provide an export named/.test(reason)) {
    return { message: `${reason}. Check its spelling; if it is a type, write \`import type\`.` };
  }
  return { message: `Syntax error: ${reason}.` };
}

function explainMissing(error: Error, file: BrokenFile): Explanation {
  const name = /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
  if (name !== undefined) {
    const line = lineOfImport(
      file.source,
      (specifier) => specifier === name || specifier.startsWith(`${name}/`),
    );
    const message = `Cannot find the package '${name}': run \`npm install ${name}\` in the team's folder.`;
    return line === undefined ? { message } : { message, line };
  }
  const url = 'url' in error && typeof error.url === 'string' ? error.url : null;
  const missing = url?.startsWith('file:') ? withinFolder(fileURLToPath(url), file) : null;
  const line = lineOfImport(
    file.source,
    (specifier) => url !== null && resolvesTo(specifier, url, file.path),
  );
  const message = `Cannot find the module ${missing ?? 'it imports'}: check its path, and write it with its extension.`;
  return line === undefined ? { message } : { message, line };
}

function resolvesTo(specifier: string, url: string, from: string): boolean {
  return /^\.{0,2}\//.test(specifier) && new URL(specifier, pathToFileURL(from)).href === url;
}

/** The line on which something is imported: the loader does not tell it. */
function lineOfImport(source: string, matches: (specifier: string) => boolean): number | undefined {
  const at = source.split('\n').findIndex((line) => {
    const specifier = /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/.exec(line)?.[1];
    return specifier !== undefined && matches(specifier);
  });
  return at === -1 ? undefined : at + 1;
}

/** `at name (file:///folder/x.ts:3:7)`, and `/folder/x.ts:3` above a syntax error. */
const stackLocation = /^(?:\s*at .*?)?((?:file:\/\/|\/|[A-Za-z]:\\).*?):(\d+)(?::\d+)?\)?$/gm;

/** The first place in the error's stack that lies in the folder; else the file alone. */
function placeOf(error: unknown, file: BrokenFile): Place {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  for (const [, location = '', line = ''] of stack.matchAll(stackLocation)) {
    const path = pathOf(location);
    const within = path === null ? null : withinFolder(path, file);
    if (within !== null) return { file: within, line: Number(line) };
  }
  return file.place;
}

function pathOf(location: string): string | null {
  if (location.startsWith('file://')) return URL.canParse(location) ? fileURLToPath(location) : null;
  return isAbsolute(location) ? location : null;
}

/** A path as a person knows it (`tools/lib/x.ts`), or null when it is not in the folder. */
function withinFolder(path: string, { directory, place }: BrokenFile): string | null {
  const below = relative(directory, path).replaceAll(sep, '/');
  const folder = place.file.slice(0, place.file.lastIndexOf('/'));
  return below === '' || below.startsWith('..') || isAbsolute(below) || below.startsWith('node_modules/')
    ? null
    : `${folder}/${below}`;
}
