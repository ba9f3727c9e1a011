import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runnableLines } from './command-lines.ts';
import type { Desk } from './desk.ts';
import type { Ended } from './run.ts';

/** The address that pages show: a test's server has another one. */
const shownAddress = /(?:127\.0\.0\.1|localhost):7420/g;

/**
 * A page as its reader works through it, block by block, in one terminal: variables that one block sets are there in
 * the next, and a server that one begins answers the next. Jobs of two pages never meet.
 */
export interface Terminal {
  /** Runs what a `sh run` block holds. */
  shell(code: string): Promise<Ended>;
  /** Runs what a `ts run` block holds; `file` is where its module is kept. */
  module(file: string, code: string): Promise<Ended>;
  /** Begins what a `sh serve` block holds, on any free port. Resolves when it listens; ends the server before it. */
  serve(code: string): Promise<Ended>;
  close(): Promise<void>;
}

/** Sits down at a terminal to read one page. */
export async function openTerminal(desk: Desk, name: string): Promise<Terminal> {
  const state = `.inspan-${name}.sh`;
  const variables = [`export INSPAN_DATABASE=.inspan/${name}.db`];
  const keep = async (): Promise<void> =>
    await writeFile(join(desk.directory, state), `${variables.join('\n')}\n`);
  let server: Serving | null = null;
  const here = (code: string): string =>
    server === null ? code : code.replaceAll(shownAddress, new URL(server.url).host);
  const remembering = (code: string): string =>
    `source ${state}\nset -a\ntrap 'export -p > ${state}' EXIT\n${code}`;
  const close = async (): Promise<void> => {
    await server?.stop();
    server = null;
  };
  await keep();
  return {
    shell: async (code) => await bash(desk, remembering(here(runnableLines(code)))),
    async module(file, code) {
      await writeFile(join(desk.directory, file), here(code));
      return await desk.run(process.execPath, [file]);
    },
    async serve(code) {
      await close();
      server = await begin(desk, `source ${state}\nexec ${code.trim().replace(/^npx /, '')} --port 0 --json`);
      return await bash(desk, remembering(`INSPAN_URL=${server.url}`));
    },
    close,
  };
}

async function bash(desk: Desk, code: string): Promise<Ended> {
  return await desk.run('bash', ['-euo', 'pipefail', '-c', code]);
}

interface Serving {
  readonly url: string;
  stop(): Promise<void>;
}

async function begin(desk: Desk, command: string): Promise<Serving> {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: desk.directory,
    env: desk.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = once(child, 'close');
  const line = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const told = await Promise.race([line, ended.then(() => null)]);
  if (told === null) throw new Error(`The server ended before it listened: ${said.join('')}`);
  const { url } = JSON.parse(told[0]) as { readonly url: string };
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
