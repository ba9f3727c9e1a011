import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Folders of code. Some tools walk into everything unless they are told where to look. */
const code = ['src', 'test', 'bench', 'scripts', 'examples'].filter((folder) =>
  existsSync(join(root, folder)),
);

interface Check {
  readonly name: string;
  readonly command: readonly [program: string, ...words: string[]];
}

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
}

/** Comes first: examples see the types of `dist`, and publint the files of it. */
const build: Check = { name: 'build', command: ['node', 'scripts/build.ts'] };

/** The slowest first, so that none is waited for at the end. */
const checks: readonly Check[] = [
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', command: ['oxlint', '--deny-warnings', ...code] },
  {
    name: 'rooms',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', ...code],
  },
  { name: 'unused', command: ['knip', '--no-config-hints'] },
  { name: 'format', command: ['biome', 'check', '--error-on-warnings', '--reporter=concise'] },
  { name: 'package', command: ['publint', '--strict'] },
];

process.exitCode = await main();

/** Runs every check, also after one has failed. Gives the exit code. */
async function main(): Promise<number> {
  const began = performance.now();
  const outcomes = [await runCheck(build), ...(await runAll(checks))];
  const failed = outcomes.filter(({ passed }) => !passed);
  for (const { name, output } of failed) console.log(`\n── ${name} ──\n${output.trim()}`);
  const result =
    failed.length === 0 ? 'All checks passed' : `Failed: ${failed.map(({ name }) => name).join(', ')}`;
  console.log(`\n${result} (${seconds(began)})`);
  return failed.length === 0 ? 0 : 1;
}

async function runAll(waiting: readonly Check[]): Promise<readonly Outcome[]> {
  const queue = waiting.values();
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (const check of queue) outcomes.push(await runCheck(check));
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), waiting.length) }, work));
  return outcomes;
}

async function runCheck({ name, command }: Check): Promise<Outcome> {
  const began = performance.now();
  const { passed, output } = await runCommand(command);
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(8)} ${seconds(began).padStart(7)}`);
  return { name, passed, output };
}

async function runCommand([program, ...words]: Check['command']): Promise<Omit<Outcome, 'name'>> {
  const path = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(program, words, { cwd: root, env: { ...process.env, PATH: path } });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  return await new Promise((resolve) => {
    child.once('error', ({ message }) =>
      resolve({ passed: false, output: `${program}: ${message}. Run "npm ci".` }),
    );
    child.once('close', (exit) => resolve({ passed: exit === 0, output: output.join('') }));
  });
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
