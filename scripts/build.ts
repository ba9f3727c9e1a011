import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');

const command = join(root, 'dist/cli/main.js');

process.exitCode = build();

/** Compiles `src` to `dist`, removes what sources that are gone left there, and makes the command executable. */
function build(): number {
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const path of leftovers(join(root, 'dist'), join(root, 'src'))) rmSync(path);
  // npx runs the command in place: a rebuild must not take its right to be run.
  if (existsSync(command)) chmodSync(command, 0o755);
  return status ?? 1;
}

function leftovers(outputs: string, sources: string): readonly string[] {
  return globSync('**/*.{js,js.map,d.ts}', { cwd: outputs })
    .filter((path) => !existsSync(join(sources, path.replace(/\.(?:js|js\.map|d\.ts)$/, '.ts'))))
    .map((path) => join(outputs, path));
}
