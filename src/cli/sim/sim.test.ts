import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AccountBook } from '../../sim/index.ts';
import { runCommandLine } from '../commands.ts';
import { createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk();
  await desk.write('busy.yaml', 'faults: [{ fault: overloaded }]\n');
  await desk.write('odd.yaml', 'faults: [{ fault: flood }]\n');
  await desk.write('ask.mjs', asking);
});
afterAll(async () => await desk.close());

/** A program that knows nothing of simulators: it asks whoever the environment leads to. */
const asking = `
import { writeFileSync } from 'node:fs';
const { ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY } = process.env;
const answer = await fetch(ANTHROPIC_BASE_URL + '/v1/messages', {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-api-key': ANTHROPIC_API_KEY, 'anthropic-version': '2023-06-01' },
  body: JSON.stringify({ model: 'claude-sonnet-5', max_tokens: 64, messages: [{ role: 'user', content: 'Hi.' }] }),
});
writeFileSync('answer.json', JSON.stringify({ status: answer.status, variables: Object.keys(process.env) }));
process.exitCode = 7;
`;

/** A program that runs until a file is there, or for ten seconds, lest a test that fails leaves it behind. */
const waitingForFile = `
const { existsSync, writeFileSync } = require('node:fs');
writeFileSync('begun-enough', '');
setInterval(() => existsSync('enough') && process.exit(5), 20);
setTimeout(() => process.exit(6), 10_000);
`;

async function simulated(typed: readonly string[]) {
  const io = createCapturedIo({ directory: desk.directory, environment: { OWN: 'kept' } });
  const exit = await runCommandLine(['sim', ...typed], io);
  return { exit, out: io.stdout(), err: io.stderr() };
}

const node = (...words: readonly string[]): readonly string[] => ['--', process.execPath, ...words];

describe('inspan sim with a command', () => {
  it('leads the command to it by the environment, bills it, and ends with its exit code', async () => {
    const { exit, err } = await simulated(node('ask.mjs'));
    expect(exit).toBe(7);
    const { status, variables } = JSON.parse(await desk.read('answer.json')) as {
      readonly status: number;
      readonly variables: readonly string[];
    };
    expect(status).toBe(200);
    expect(variables).toEqual(
      expect.arrayContaining([
        'OWN',
        'ANTHROPIC_API_KEY',
        'OPENAI_BASE_URL',
        'OPENAI_API_KEY',
        'OLLAMA_HOST',
      ]),
    );
    expect(err).toMatch(/The simulator billed .* tokens in and \d+ out:/);
    expect(err).toMatch(/anthropic\/claude-sonnet-5 +1 /);
  });

  it('behaves as the profile says, and tells refusals', async () => {
    const { err } = await simulated(['--profile', 'busy.yaml', ...node('ask.mjs')]);
    expect(JSON.parse(await desk.read('answer.json'))).toMatchObject({ status: 529 });
    expect(err).toContain('refused: 1 overloaded');
  });

  it('prints the accounts as JSON where it is asked to', async () => {
    const { out } = await simulated(['--json', ...node('ask.mjs')]);
    const { total, open } = JSON.parse(out) as AccountBook;
    expect([total.requests.answered, open]).toEqual([1, 0]);
  });

  it('says in a line that a command cannot be run, and answers with 2', async () => {
    const { exit, err } = await simulated(['--', 'no-such-program']);
    expect([exit, err]).toEqual([
      2,
      expect.stringMatching(/^inspan: The command no-such-program cannot be run/),
    ]);
  });

  it('leaves a Ctrl-C to the command, which heard of it itself and may end well', async () => {
    const io = createCapturedIo({ directory: desk.directory, environment: {} });
    const running = runCommandLine(['sim', ...node('-e', waitingForFile)], io);
    io.interrupt();
    await desk.write('enough', '');
    expect(await running).toBe(5);
  });

  it('passes on that the process is to end, and answers as whoever was ended', async () => {
    const io = createCapturedIo({ directory: desk.directory, environment: {} });
    const ending = new AbortController();
    const listenForInterrupt = () => ({ signal: ending.signal, exitCode: () => 143, release: () => {} });
    const words = node('-e', waitingForFile.replaceAll('enough', 'never'));
    const running = runCommandLine(['sim', ...words], { ...io, listenForInterrupt });
    await expect.poll(() => desk.read('begun-never').catch(() => null)).toBe('');
    ending.abort();
    expect(await running).toBe(143);
  });
});

describe('inspan sim on its own', () => {
  it('says where it listens and how to get there, runs until Ctrl-C, and prints what it billed', async () => {
    const io = createCapturedIo({ directory: desk.directory, environment: {} });
    const running = runCommandLine(['sim', '--port', '0'], io);
    await expect.poll(io.stdout).toMatch(/listens on http:\/\/127\.0\.0\.1:\d+ until Ctrl-C/);
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(io.stdout()) ?? [];
    expect(io.stdout()).toContain(`export ANTHROPIC_BASE_URL=${url}`);
    expect((await fetch(`${url}/sim/accounts`)).status).toBe(200);
    io.interrupt();
    expect(await running).toBe(0);
    expect(io.stderr()).toContain('The simulator billed $0');
    await expect(fetch(`${url}/sim/accounts`)).rejects.toThrow('fetch failed');
  });

  it('prints nothing but the accounts on standard output with --json', async () => {
    const io = createCapturedIo({ directory: desk.directory, environment: {} });
    const running = runCommandLine(['sim', '--port', '0', '--json'], io);
    await expect.poll(io.stderr).toContain('until Ctrl-C');
    io.interrupt();
    expect(await running).toBe(0);
    expect(JSON.parse(io.stdout())).toMatchObject({ open: 0 });
  });

  it('says in a line that a port is taken, and answers with 2', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise<void>((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { exit, out, err } = await simulated(['--port', `${port}`]);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toBe(
      `inspan: The simulator cannot listen on 127.0.0.1:${port} (EADDRINUSE): choose another port, or 0 for any\n`,
    );
  });

  it.each([
    [['--profile', 'gone.yaml'], '--profile names gone.yaml, which is not there.'],
    [['--profile', 'odd.yaml'], 'faults[0].fault'],
    [['--port', 'http'], '--port is http: write a number from 0 to 65535.'],
  ])('says in a line what is wrong with %j', async (typed, said) => {
    const { exit, out, err } = await simulated(typed);
    expect([exit, out, err.trim().split('\n').length]).toEqual([2, '', 1]);
    expect(err).toContain(said);
  });
});
