import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');

/** What package.json exports, and the command. */
const entries = ['inspan', 'testing', 'ai-sdk', 'client/index', 'cli/main'];

// Another folder may be named, where tests build a package of their own.
process.exitCode = await build(process.argv[2] ?? join(root, 'dist'));

/**
 * Builds the package: code by the bundler, types by the compiler. In a few files instead of three hundred, because a
 * process opens each of them before its first request; what is loaded late stays apart. What is no longer made goes.
 */
async function build(directory: string): Promise<number> {
  const written = await bundle(directory);
  const words = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', directory];
  const { status } = spawnSync(process.execPath, [compiler, ...words], { cwd: root, stdio: 'inherit' });
  for (const path of globSync('**/*.{js,js.map,d.ts}', { cwd: directory })) {
    const source = join(root, 'src', path.replace(/\.d\.ts$/, '.ts'));
    if (!written.has(path) && !(path.endsWith('.d.ts') && existsSync(source))) rmSync(join(directory, path));
  }
  // npx runs the command in place.
  chmodSync(join(directory, 'cli/main.js'), 0o755);
  return status ?? 1;
}

async function bundle(directory: string): Promise<ReadonlySet<string>> {
  const bundled = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(root, `src/${name}.ts`)])),
    // Packages stay packages: whoever installs this one gets them, and their mendings, from npm.
    external: [/^[^./]/],
    platform: 'node',
    logLevel: 'warn',
  });
  const { output } = await bundled.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
  });
  await bundled.close();
  return new Set(output.map(({ fileName }) => fileName));
}
