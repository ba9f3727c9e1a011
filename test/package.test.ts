import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiler, type Desk, environment, openDesk } from './setup/desk.ts';
import { run, runWell } from './setup/run.ts';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
const subpaths = Object.keys(manifest.exports);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Big packages that are loaded only when a model of theirs is asked. */
const late = ['openai', '@anthropic-ai/sdk', 'gpt-tokenizer'];

describe('the package, installed from its tarball into an empty project', () => {
  let desk: Desk | undefined;
  let project = '';
  let installed = '';

  beforeAll(async () => {
    desk = await openDesk();
    project = await mkdtemp(join(tmpdir(), 'inspan-package-'));
    installed = join(project, 'node_modules', manifest.name);
    await writeFile(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
    await runWell('npm', ['pack', '--ignore-scripts', '--pack-destination', project], {
      cwd: desk.package,
      env: environment(),
    });
    const tarball = `./${manifest.name}-${manifest.version}.tgz`;
    const words = ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await runWell('npm', words, { cwd: project, env: environment() });
  }, 120_000);

  afterAll(async () => {
    await rm(project, { recursive: true, force: true });
    await desk?.close();
  });

  it.each(subpaths)('can be imported as %s', async (subpath) => {
    const ended = await runModule(`const all = ${importOf(subpath)}; console.log(Object.keys(all).length);`);
    expect(ended.stderr).toBe('');
    expect(Number(ended.stdout)).toBeGreaterThan(0);
  });

  it.each(Object.keys(manifest.bin))('brings the command %s', async (name) => {
    const { code, stdout, stderr } = await run(
      join(project, 'node_modules/.bin', name),
      ['--help'],
      atProject(),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(name);
  });

  it('loads no provider and no tokenizer until one is needed', async () => {
    const urls = await loadedBy(`await import('${manifest.name}');`);
    const loaded = late.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`)));
    expect(loaded).toEqual([]);
    // The recorder sees packages when there are any to see.
    const all = await loadedBy(late.map((name) => `await import('${name}');`).join('\n'));
    expect(late.filter((name) => all.some((url) => url.includes(`/node_modules/${name}/`)))).toEqual(late);
  });

  it('brings what it runs on and shows, and nothing else', async () => {
    const files = await readdir(installed, { recursive: true });
    expect(
      files.filter((path) => /\.test\.|^(?:src|test|bench|scripts|node_modules)(?:\/|$)/.test(path)),
    ).toEqual([]);
    const expected = [
      'package.json',
      'dist/inspan.js',
      'dist/inspan.d.ts',
      'schema/team.schema.json',
      'templates/team',
    ];
    expect(expected.filter((path) => !files.includes(path))).toEqual([]);
  });

  it('names in package.json only what is there', () => {
    const named =
      JSON.stringify([manifest.exports, manifest.bin]).match(/(?:\.\/)?(?:dist|schema)\/[^"]+/g) ?? [];
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
  });

  it('is typed for those who import it, with every type it names within reach', async () => {
    const imports = subpaths
      .filter((subpath) => !subpath.endsWith('.json'))
      .map((subpath) => nameOf(subpath));
    const lines = imports.map(
      (name, place) => `import * as part${place} from '${name}';\nvoid part${place};`,
    );
    await writeFile(join(project, 'consumer.ts'), lines.join('\n'));
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--types', 'node'];
    const words = [
      compiler,
      ...strict,
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--ignoreConfig',
      'consumer.ts',
    ];
    const typeRoots = ['--typeRoots', join(root, 'node_modules/@types')];
    const { stdout } = await run(process.execPath, [...words, ...typeRoots], atProject());
    // Only our own declarations: what the types of other packages get wrong is not ours to mend.
    const ours = stdout.split('\n').filter((line) => /^consumer\.ts|node_modules\/inspan\//.test(line));
    expect(ours).toEqual([]);
  });

  function atProject(): { readonly cwd: string; readonly env: ReturnType<typeof environment> } {
    return { cwd: project, env: environment() };
  }

  async function runModule(code: string): ReturnType<typeof run> {
    return await run(process.execPath, ['--input-type=module', '--eval', code], atProject());
  }

  async function loadedBy(code: string): Promise<readonly string[]> {
    const recorder = join(import.meta.dirname, 'setup/record-imports.mjs');
    const words = ['--import', recorder, '--input-type=module', '--eval', code];
    const lines = (await runWell(process.execPath, words, atProject())).trim().split('\n');
    return JSON.parse(lines.at(-1) ?? '[]') as readonly string[];
  }
});

function importOf(subpath: string): string {
  const kind = subpath.endsWith('.json') ? ", { with: { type: 'json' } }" : '';
  return `await import('${nameOf(subpath)}'${kind})`;
}

function nameOf(subpath: string): string {
  return join(manifest.name, subpath);
}
