import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, run, runWell } from './run.ts';

const root = join(import.meta.dirname, '../..');

/** What the package is made of, and what a reader of the README finds around it. */
const inPackage = ['package.json', 'README.md', 'LICENSE', 'schema', 'templates'];
const aroundIt = ['README.md', 'docs', 'schema', 'templates', 'examples'];

/**
 * A user's project with Inspan installed in it, built from the sources as they are now, and beside it what the
 * README speaks of. What is done on it leaves this project alone.
 */
export interface Desk {
  readonly directory: string;
  /** The package as it would be published. */
  readonly package: string;
  /** The project's own Node first on the path, the offline model and nobody's keys. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs a program here, in that environment. */
  run(program: string, words: readonly string[]): Promise<Ended>;
  close(): Promise<void>;
}

/** Sets up a desk. It lies inside the project, so that installed packages are found. */
export async function openDesk(): Promise<Desk> {
  await mkdir(join(root, '.inspan'), { recursive: true });
  const directory = await mkdtemp(join(root, '.inspan/desk-'));
  try {
    await copy(inPackage, join(directory, 'package'));
    await copy(aroundIt, directory);
    await compile(join(directory, 'package/dist'));
    await install(directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  const env = environment([join(directory, 'node_modules/.bin')]);
  return {
    directory,
    package: join(directory, 'package'),
    environment: env,
    run: (program, words) => run(program, words, { cwd: directory, env }),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

async function copy(names: readonly string[], target: string): Promise<void> {
  for (const name of names.filter((each) => existsSync(join(root, each)))) {
    await cp(join(root, name), join(target, name), { recursive: true });
  }
}

async function compile(target: string): Promise<void> {
  await runWell(process.execPath, [join(root, 'scripts/build.ts'), target], { cwd: root });
}

/** Does by hand what `npm install` would do, and gives the project the same scripts as this one. */
async function install(directory: string): Promise<void> {
  await mkdir(join(directory, 'node_modules/.bin'), { recursive: true });
  await symlink('../package', join(directory, 'node_modules/inspan'));
  await symlink('../inspan/dist/cli/main.js', join(directory, 'node_modules/.bin/inspan'));
  await symlink('package/dist', join(directory, 'dist'));
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: unknown;
  };
  const manifest = { name: 'desk', private: true, type: 'module', scripts };
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
}

/** The compiler that checks and builds the project. */
export const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');

/**
 * An environment in which nothing is known of the project that runs the tests: this Node first on the path,
 * the offline model, no keys, and npm's own variables only where they say how to reach a registry.
 */
export function environment(paths: readonly string[] = []): Readonly<Record<string, string | undefined>> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(?:package|lifecycle|command|execpath|config_(?:local_prefix|prefix|call))|_API_KEY$|^VITEST|^NODE_ENV$|^INIT_CWD$/i.test(
        name,
      ),
  );
  const path = [...paths, join(process.execPath, '..'), process.env['PATH']].join(':');
  return { ...Object.fromEntries(kept), PATH: path, INSPAN_MODEL: 'offline', NO_COLOR: '1' };
}
