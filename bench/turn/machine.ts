import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Who runs where: the server must not take time from what is measured. */
export const cores = Object.freeze({ server: '0', subject: '1', all: '0,1' });

/** Keeps a process on some cores, where the system knows how; else leaves it. */
export function pin(processId: number, onCores: string): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', onCores, String(processId)]);
}

/** The scripted provider while it runs. */
export interface BenchServer {
  /** Before `/v1`: `turns` with a tool for agents that tick, answers after `latencyMs`. */
  baseUrl(turns: number, latencyMs: number): string;
  close(): void;
}

/** Starts the scripted provider in a process of its own, on a core of its own unless it is told others. */
export async function startServer(onCores: string = cores.server): Promise<BenchServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  pin(child.pid ?? 0, onCores);
  const port = await firstLine(child);
  return {
    baseUrl: (turns, latencyMs) => `http://127.0.0.1:${port}/${turns}/${latencyMs}`,
    close: () => child.stdin.end(),
  };
}

/** Runs a module of this folder in a fresh process and gives the JSON it prints. */
export async function runFresh<T>(module: string, words: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [join(import.meta.dirname, module), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  pin(child.pid ?? 0, cores.subject);
  return JSON.parse(await firstLine(child)) as T;
}

/** One side of a comparison while it runs. */
export interface Side {
  /** Runs a round; gives the CPU of one of its jobs, in ms. */
  round(): Promise<number>;
  close(): void;
}

/** Starts one side, see `rounds.ts`, and waits until it is warm. */
export async function startSide(words: readonly string[]): Promise<Side> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'rounds.ts'), ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  pin(child.pid ?? 0, cores.subject);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('A side of the bench ended before it was asked to');
    return line.value;
  };
  await nextLine();
  return {
    async round() {
      child.stdin.write('go\n');
      return Number(await nextLine());
    },
    close: () => child.stdin.end(),
  };
}

/** Starts a process that runs one job. Gives the time from there to its first request, in ms. */
export async function firstRequestMs(cache: string | null): Promise<number> {
  const asked = Promise.withResolvers<number>();
  const listener = createServer((_, response) => {
    asked.resolve(performance.now());
    // A refusal that no retry mends: the process ends by itself, and only then keeps what it has compiled.
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"type":"error","error":{"type":"invalid_request_error","message":"Enough."}}');
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address() as AddressInfo;
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'start.mjs'), `http://127.0.0.1:${port}`],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...(cache === null ? {} : { NODE_COMPILE_CACHE: cache }) },
    },
  );
  const ended = once(child, 'exit');
  child.once('exit', () => asked.reject(new Error('The process ended without a request')));
  const ms = (await asked.promise) - began;
  await ended;
  listener.closeAllConnections();
  listener.close();
  return ms;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    child.once('exit', (code) =>
      reject(new Error(`A process of the bench ended with ${code} and said nothing`)),
    );
  });
}
