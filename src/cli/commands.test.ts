import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from './commands.ts';
import { createCapturedIo, openTestDesk, type TestDesk } from './testing.ts';

const packageDirectory = join(import.meta.dirname, '../..');
let desk: TestDesk;
beforeEach(async () => {
  desk = await openTestDesk();
});
afterEach(() => desk.close());

const everyCommand: readonly string[] = [
  'init',
  'check',
  'run',
  'serve',
  'worker',
  'migrate',
  'models',
  'probe',
  'help',
  ...['list', 'show', 'watch', 'cancel', 'retry', 'fork', 'signal', 'replay'].map((name) => `jobs ${name}`),
  ...['create', 'list', 'revoke', 'rotate'].map((name) => `keys ${name}`),
  ...['backup', 'restore', 'vacuum'].map((name) => `store ${name}`),
];

async function said(...typed: readonly string[]): Promise<string> {
  const io = createCapturedIo({ directory: desk.directory, packageDirectory });
  expect(await runCommandLine(typed, io)).toBe(0);
  expect(io.stderr()).toBe('');
  return io.stdout();
}

describe('help', () => {
  it.each([[[]], [['help']], [['--help']], [['-h']]])(
    'for %j names every command and what exit codes mean',
    async (typed) => {
      const text = await said(...typed);
      for (const name of ['init [folder]', 'check <team>', 'run <team>', 'serve [team…]', 'help [command…]'])
        expect(text).toContain(`  ${name} `);
      for (const code of ['0 ', '1 ', '2 ', '130 ']) expect(text).toContain(`\n  ${code} `);
    },
  );

  it('for a command names all its options, however it is asked', async () => {
    const text = await said('help', 'run');
    for (const option of ['brief', 'file', 'param', 'model', 'out', 'json', 'estimate', 'help']) {
      expect(text).toMatch(new RegExp(`^  --${option}[ ,]`, 'm'));
    }
    expect(await said('run', '--help')).toBe(text);
    expect(await said('run', 'a', 'b', 'c', '-h')).toBe(text);
  });

  it('fits a terminal of 120 columns', async () => {
    for (const name of everyCommand) {
      for (const line of (await said('help', ...name.split(' '))).split('\n'))
        expect(line.length).toBeLessThanOrEqual(120);
    }
  });

  it('gives examples that are understood', async () => {
    for (const name of everyCommand) {
      const examples = (await said('help', ...name.split(' ')))
        .split('\n')
        .filter((line) => line.startsWith('  inspan '));
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) await said(...example.trim().split(' ').slice(1), '--help');
    }
  });
});

describe('--version', () => {
  it('is the one of the package', async () => {
    expect(await said('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await said('-v')).toBe(await said('--version'));
  });
});

describe('a bug', () => {
  it('is never taken for a mistake of the person', async () => {
    const io = createCapturedIo({
      directory: desk.directory,
      packageDirectory: join(desk.directory, 'gone'),
    });
    await expect(runCommandLine(['--version'], io)).rejects.toThrow('ENOENT');
    expect(io.stderr()).toBe('');
  });
});
