import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { failure, InspanError } from '../core/index.ts';
import type { Arguments, CommandSpec } from './arguments.ts';
import { exitCodes, type Io } from './io.ts';
import { kindOf, systemCode } from './paths.ts';

/** How `inspan init` is called. */
export const initSpec: CommandSpec = Object.freeze({
  name: 'init',
  purpose: 'Writes a small team to start from.',
  words: [{ name: 'folder', required: false, purpose: 'the folder to write it to' }],
  options: {},
  examples: ['inspan init my-team'],
  notes: ['Never writes over a file: where one is in the way, nothing is written at all.'],
});

/** Where the schema of `team.yaml` is put, so that editors can check and complete it. */
const schemaPath = '.inspan/team.schema.json';
/** What template files say where the schema belongs. */
const schemaMark = '__SCHEMA__';

/** Copies the template of a team into a folder. */
export async function init({ words }: Arguments, io: Io): Promise<number> {
  const typed = words[0] ?? '.';
  const folder = resolve(io.directory, typed);
  const files = await templateFiles(io.packageDirectory);
  const paths = files.map(({ path }) => path);
  await refuseTaken(paths, { folder, typed });
  for (const file of files) await writeNew(file, { folder, typed });
  const written = paths.map((path) => `wrote ${join(typed, path)}`);
  io.print(`${[...written, ...(await nextSteps({ folder, typed }, paths, io))].join('\n')}\n`);
  return exitCodes.done;
}

interface TemplateFile {
  readonly path: string;
  readonly text: string;
}

async function templateFiles(packageDirectory: string): Promise<readonly TemplateFile[]> {
  const template = join(packageDirectory, 'templates/team');
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  const files = paths.sort().map(async (path) => {
    const text = await readFile(join(template, path), 'utf8');
    return { path, text: text.replaceAll(schemaMark, `./${schemaPath}`) };
  });
  const schema = await readFile(join(packageDirectory, 'schema/team.schema.json'), 'utf8');
  return [...(await Promise.all(files)), { path: schemaPath, text: schema }];
}

async function writeNew({ path, text }: TemplateFile, { folder, typed }: Target): Promise<void> {
  try {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    // `wx`: a file that somebody made in this very moment is not written over either.
    await writeFile(join(folder, path), text, { flag: 'wx' });
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    const message = `${join(typed, path)} cannot be written (${code}): choose another folder.`;
    throw new InspanError([failure('wrong-input', message)]);
  }
}

/** The folder, and what the person called it. */
interface Target {
  readonly folder: string;
  readonly typed: string;
}

/** Throws `InspanError` that names every file in the way. */
async function refuseTaken(paths: readonly string[], { folder, typed }: Target): Promise<void> {
  const base = await kindOf(folder);
  if (base === 'file') throw new InspanError([failure('wrong-input', `${typed} is a file: name a folder.`)]);
  const taken: string[] = [];
  for (const path of paths) {
    const found = await kindOf(join(folder, path));
    if (found !== 'nothing') taken.push(join(typed, path));
  }
  if (taken.length === 0) return;
  throw new InspanError([
    failure(
      'wrong-input',
      `${taken.join(', ')} would be written over: choose another folder, or move them away.`,
    ),
  ]);
}

/** Two commands that work as they stand: the source is whatever text there is. */
async function nextSteps(
  { folder, typed }: Target,
  paths: readonly string[],
  io: Io,
): Promise<readonly string[]> {
  const hasReadme = (await kindOf(resolve(io.directory, 'README.md'))) === 'file';
  const own = paths.find((path) => /^[^/]+\.md$/.test(path));
  const source = hasReadme || own === undefined ? 'README.md' : join(typed, own);
  const name = folder === io.directory ? '.' : typed;
  return [
    '',
    'Next:',
    `  inspan check ${quoted(name)}`,
    `  inspan run ${quoted(name)} --file ${quoted(source)}`,
  ];
}

/** As a shell takes it for one word and for no option. */
function quoted(word: string): string {
  const path = word.startsWith('-') ? `./${word}` : word;
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
