import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heapFlags } from '../heap.ts';
import { openTestDesk, type TestDesk } from './testing.ts';

let desk: TestDesk;
let server: Server | null = null;
beforeEach(async () => {
  desk = await openTestDesk();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  await desk.close();
});

const main = join(import.meta.dirname, 'main.ts');
const typed = ['run', 'kit', '--file', 'source.md', '--param', 'platforms=x', '--out', 'made'];

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Resolves once the process has printed this. */
  printed(text: string): Promise<void>;
}

function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Started {
  const env = { PATH: process.env['PATH'], INSPAN_MODEL: 'offline', ...environment };
  const child = spawn(process.execPath, [main, ...words], { cwd: desk.directory, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const printed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (stdout.includes(text) || stderr.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      look();
    });
  return { child, ended, printed };
}

/** A model server on loopback: it answers with these events, and where there are none it never does. */
async function serve(events: readonly unknown[]): Promise<Readonly<Record<string, string>>> {
  const listening = createServer((request, response) => {
    request.resume();
    if (events.length === 0) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`);
  });
  server = listening;
  await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return { OLLAMA_HOST: `127.0.0.1:${port}`, INSPAN_MODEL: 'ollama/test' };
}

describe('the command inspan', () => {
  it('runs a team end to end, with nothing but JSON on standard output', async () => {
    const { code, stdout, stderr } = await start([...typed, '--json']).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', out: 'made', models: ['offline'] });
  });

  it('starts a service again in the same process, with room for young objects', async () => {
    const tells = 'data:text/javascript,console.error(process.pid,...process.execArgv)';
    const { child, ended } = start(['serve', '--help'], { NODE_OPTIONS: `--import=${tells}` });
    const { code, stdout, stderr } = await ended;
    expect(stderr).toBe(`${child.pid}\n${[child.pid, ...heapFlags].join(' ')}\n`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('inspan serve') });
  });

  it('goes on when nobody reads what it prints any more', async () => {
    const { child, ended } = start(typed);
    child.stdout.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await desk.read('made/review.md')).not.toBe('');
  });

  it.runIf(existsSync('/dev/full'))('says so when what it prints cannot be kept', async () => {
    const words = ['-c', '"$0" "$1" --version > /dev/full; echo $? >&2', process.execPath, main];
    const { stderr } = await promisify(execFile)('sh', words);
    expect(stderr).toBe(
      'inspan: The output cannot be written (ENOSPC). Make room, or send it elsewhere.\n1\n',
    );
  });

  it('reads the brief from standard input', async () => {
    const { child, ended } = start(['run', 'kit', '--file', 'source.md=-', '--out', 'made']);
    child.stdin.end('# Piped\n\nThis came through a pipe.\n');
    expect((await ended).code).toBe(0);
    expect(await desk.read('made/source.md')).toContain('This came through a pipe.');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stopped by %s keeps what is there, says where, and answers %i', async (signal, exitCode) => {
    const { child, ended, printed } = start(typed, await serve([]));
    await printed('lead: started');
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: '' });
    expect(stdout).toContain('cancelled after ');
    expect(await desk.read('made/source.md')).toContain('# Harness');
    expect(JSON.parse(await desk.read('made/result.json'))).toMatchObject({ outcome: 'cancelled' });
  });

  it('ends when it is asked to, though a tool does not listen, and keeps what tools print out of its output', async () => {
    const deaf = `export default {
      purpose: 'Waits.', inputSchema: { type: 'object' }, effect: 'outside', replay: 'never',
      parse: (value) => ({ ok: true, value }),
      run: () => {
        process.stdout.write('the tool waits\\n');
        return new Promise((resolve) => setTimeout(resolve, 600_000));
      },
    };\n`;
    await desk.write('solo/tools/wait.ts', deaf);
    await desk.write(
      'solo/agents/solo.md',
      '---\nname: solo\ndescription: Waits.\ntools: wait, write_file\n---\nWait.\n',
    );
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'wait', arguments: '{}' } };
    const environment = await serve([
      {
        id: 'c',
        object: 'chat.completion.chunk',
        model: 'test',
        choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] } }],
      },
      {
        id: 'c',
        object: 'chat.completion.chunk',
        model: 'test',
        choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
      },
    ]);
    const { child, ended, printed } = start(['run', 'solo', '--brief', 'Go.', '--out', 'made'], environment);
    await printed('the tool waits');
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).not.toContain('the tool waits');
  });

  const probe = (body: string): string =>
    `export const probe = {
      purpose: 'Probes.', effect: 'read', replay: 'safe', parse: (value) => ({ ok: true, value }),
      inputSchema: { type: 'object', properties: { source: { type: 'string', description: 'path of the source file' } }, required: ['source'] },
      run: async () => { ${body} return { ok: true, value: { text: 'fine' } }; },
    };\n`;

  async function runProbe(body: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    await desk.write('solo/tools/probe.ts', probe(body));
    await desk.write('solo/agents/solo.md', '---\nname: solo\ndescription: d\ntools: probe\n---\nProbe.\n');
    await desk.write('solo/team.yaml', 'agents: { solo: { limits: { seconds: 1 } } }\n');
    await desk.write('n.md', 'A note.\n');
    return await start(['run', 'solo', '--file', 'n.md=n.md', '--json']).ended;
  }

  it('stops a tool that never answers at its limit, and says so', async () => {
    const { code, stdout } = await runProbe('await new Promise(() => {});');
    expect([code, JSON.parse(stdout).failure.code]).toEqual([1, 'wall-time-exhausted']);
  });

  it('survives what a tool leaves lying about', async () => {
    const { code, stdout, stderr } = await runProbe(
      "Promise.reject(new Error('later')); console.log('noise');",
    );
    expect([code, JSON.parse(stdout).outcome]).toEqual([0, 'done']);
    expect(stderr).toContain('a tool of the team failed outside of its call: Error: later');
  });

  it('is never a success when a tool ends the process', async () => {
    const { code, stderr } = await runProbe('process.exit(0);');
    expect([code, stderr]).toEqual([
      1,
      'inspan: a tool of the team ended the process (process.exit), or it waits for what never comes.\n',
    ]);
  });
});
