import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');

/** Fresh processes for each subject: odd, so that the median is one of them. */
const rounds = 9;

/** What a user waits for at most before the first line of their own code runs. */
const medianMsMax = 100;

/** What is imported: nothing is the floor, zod the largest part of what Inspan cannot do without. */
const subjects = [
  { name: 'nothing', url: 'data:text/javascript,' },
  { name: 'zod', url: import.meta.resolve('zod') },
  { name: 'inspan', url: pathToFileURL(join(root, 'dist/inspan.js')).href },
] as const;

process.exitCode = main();

/** Measures and prints. Gives the exit code. */
function main(): number {
  if (!existsSync(join(root, 'dist/inspan.js'))) {
    console.error('There is no dist/inspan.js to import. Run "npm run build" first.');
    return 1;
  }
  const medians = measure();
  const [floor = 0, zod = 0] = medians;
  console.log(`Cold import in fresh processes, median of ${rounds}, Node ${process.version}`);
  for (const [place, { name }] of subjects.entries()) {
    const ms = medians[place] ?? 0;
    const ratio = ((ms - floor) / (zod - floor)).toFixed(2);
    console.log(
      `${name.padEnd(8)} ${ms.toFixed(1).padStart(6)} ms ${ratio.padStart(6)} × zod, above nothing`,
    );
  }
  const inspan = medians.at(-1) ?? 0;
  if (inspan <= medianMsMax) return 0;
  console.error(`Importing inspan takes more than ${medianMsMax} ms: something is loaded that could wait.`);
  return 1;
}

/** Takes turns between the subjects, so that a busy moment of the machine hits them alike. */
function measure(): readonly number[] {
  const samples = subjects.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [place, { url }] of subjects.entries()) samples[place]?.push(importMs(url));
  }
  return samples.map(median);
}

/** Imports in a process of its own. Gives the time of the import alone, in ms. */
function importMs(url: string): number {
  const code = `const began = performance.now(); await import(${JSON.stringify(url)}); console.log(performance.now() - began);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Importing ${url} failed:\n${stderr}`);
  return Number(stdout.trim().split('\n').at(-1));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
