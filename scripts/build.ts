import { spawnSync } from 'node:child_process';
import { existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');

process.exitCode = build();

/** Compiles `src` to `dist`, then removes what sources that are gone left there. Gives the exit code. */
function build(): number {
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const path of leftovers(join(root, 'dist'), join(root, 'src'))) rmSync(path);
  return status ?? 1;
}

function leftovers(outputs: string, sources: string): readonly string[] {
  return globSync('**/*.{js,js.map,d.ts}', { cwd: outputs })
    .filter((path) => !existsSync(join(sources, path.replace(/\.(?:js|js\.map|d\.ts)$/, '.ts'))))
    .map((path) => join(outputs, path));
}
