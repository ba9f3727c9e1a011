import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Failure, failure, type Place, type Tool } from '../core/index.ts';
import { withoutMachinePaths } from './error-text.ts';
import { ownToolNames } from './foreign-names.ts';
import { hashToolCode } from './hash-tool-code.ts';
import { importToolFile } from './import-tool-file.ts';
import { named, toolNameProblem } from './tool.ts';

/** What is worth a person's attention in a tool file, but stops nothing. */
export interface ToolNotice {
  readonly message: string;
  readonly place: Place;
}

/** What a `tools/` folder holds. */
export interface LoadedTools {
  /** Sorted by name. */
  readonly tools: readonly Tool[];
  readonly notices: readonly ToolNotice[];
  /** All of them, in the order of the files. */
  readonly failures: readonly Failure[];
}

/** More tools than this no model tells apart, and every one costs tokens in each request. */
const toolFilesMax = 100;

/**
 * Imports every tool of a team's `tools/` folder: `.ts`, `.mts`, `.js` or `.mjs`, one tool each.
 * **This runs the code in the folder, with all rights of this program**: load only teams whose author you trust.
 * `name` is how a person knows the folder (`tools`): places begin with it. Tests, `.d.ts` files, names that begin
 * with `_` or `.`, and folders are not loaded: shared code goes there. An absent folder holds no tools.
 */
export async function loadToolFiles(
  directory: string,
  { name }: { readonly name: string },
): Promise<LoadedTools> {
  const listed = await listToolFiles(directory, name);
  if ('code' in listed) return { tools: [], notices: [], failures: [listed] };
  const { folder, fileNames } = listed;
  const loaded: LoadedTools[] = [];
  for (const fileName of fileNames) loaded.push(await loadToolFile(folder, name, fileName));
  const tools = loaded.flatMap((each) => each.tools);
  return {
    tools: tools.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    notices: loaded.flatMap((each) => each.notices),
    failures: [...loaded.flatMap((each) => each.failures), ...sameNames(fileNames, name)],
  };
}

/** The folder with all links followed (as Node names files in errors), and its files that should hold a tool. */
interface ToolFolder {
  readonly folder: string;
  readonly fileNames: readonly string[];
}

async function listToolFiles(directory: string, name: string): Promise<ToolFolder | Failure> {
  const wrong = (message: string) => failure('wrong-team', message, { place: { file: name } });
  try {
    const folder = await realpath(directory);
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries
      .filter((entry) => !entry.isDirectory() && isToolFile(entry.name))
      .map((entry) => entry.name);
    if (files.length > toolFilesMax)
      return wrong(`The folder has ${files.length} tools: at most ${toolFilesMax}.`);
    return { folder, fileNames: files.toSorted() };
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') return { folder: directory, fileNames: [] };
    if (error.code === 'ENOTDIR') return wrong('This must be a folder with one file per tool.');
    return wrong(`The folder cannot be read: ${withoutMachinePaths(error.message)}.`);
  }
}

function isToolFile(fileName: string): boolean {
  return /^[^_.].*\.m?[jt]s$/.test(fileName) && !/\.(?:d|test)\.\w+$/.test(fileName);
}

async function loadToolFile(directory: string, name: string, fileName: string): Promise<LoadedTools> {
  const place = { file: `${name}/${fileName}` };
  const toolName = toolNameOf(fileName);
  const problem = nameProblem(toolName, fileName);
  if (problem !== null)
    return { tools: [], notices: [], failures: [failure('wrong-team', problem, { place })] };
  const imported = await importToolFile(join(directory, fileName), { directory, place });
  if (!imported.ok) return { tools: [], notices: [], failures: imported.failures };
  const codeHash = await hashToolCode(join(directory, fileName), dirname(directory));
  const written = imported.tool.name;
  const message = `The tool is called ${toolName}, after its file: the name "${written}" in the code is not used.`;
  return {
    tools: [{ ...named(imported.tool, toolName), codeHash }],
    notices: written === undefined || written === toolName ? [] : [{ message, place }],
    failures: [],
  };
}

function toolNameOf(fileName: string): string {
  return stemOf(fileName).replaceAll('-', '_');
}

function stemOf(fileName: string): string {
  return fileName.replace(/\.\w+$/, '');
}

function nameProblem(toolName: string, fileName: string): string | null {
  if (ownToolNames.includes(toolName))
    return `${toolName} is one of Inspan's own tools: give the file another name.`;
  if (toolNameProblem(toolName) === null) return null;
  const stem = stemOf(fileName);
  const kebab = stem
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '')
    .slice(0, 64);
  const better = kebab === '' ? '' : `, such as ${kebab}${fileName.slice(stem.length)}`;
  return `The file's name is the tool's name: use at most 64 lowercase letters, digits and hyphens, a letter first${better}.`;
}

function sameNames(fileNames: readonly string[], name: string): readonly Failure[] {
  return fileNames.flatMap((fileName, at) => {
    const first = fileNames.slice(0, at).find((other) => toolNameOf(other) === toolNameOf(fileName));
    if (first === undefined) return [];
    const message = `This file and ${name}/${first} are both the tool ${toolNameOf(fileName)}: rename or remove one.`;
    return [failure('wrong-team', message, { place: { file: `${name}/${fileName}` } })];
  });
}
