import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { hashBytes } from '../core/index.ts';
import { createInspan } from '../inspan.ts';
import { exitCodes, type Interrupt, type Io } from './io.ts';
import { createScreen } from './terminal.ts';

/** Makes of this process what commands may use of it. */
export function createProcessIo(): Io {
  process.stdout.on('error', endUnlessClosed);
  process.stderr.on('error', endUnlessClosed);
  return {
    directory: process.cwd(),
    // Two levels above src/cli as well as above dist/cli.
    packageDirectory: join(import.meta.dirname, '../..'),
    environment: process.env,
    clock: systemClock,
    screen: createScreen(process.stdout, process.env),
    print: (text) => void process.stdout.write(text),
    complain: (text) => void process.stderr.write(text),
    readInput,
    listenForInterrupt,
    newId,
    createInspan,
  };
}

/** Ends the process once all that was printed has left it. What a tool left running does not hold it. */
export async function endProcess(exitCode: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => void stream.write('', () => resolve()));
  }
  process.exit(exitCode);
}

/**
 * Who reads the output may have heard enough (`| head`): the job goes on, its files are still wanted.
 * Output that cannot be kept (a full disk) ends all, before more is paid for what is lost.
 */
function endUnlessClosed({ code }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return;
  process.stderr.write(`inspan: The output cannot be written (${code}). Make room, or send it elsewhere.\n`);
  process.exit(exitCodes.failed);
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Different for every job: no two start in one process, and no two processes of one number in one nanosecond. */
function newId(): string {
  const moment = [process.pid, systemClock.now(), process.hrtime.bigint()].join(' ');
  return `job_${hashBytes(moment).slice(0, 16)}`;
}

/** One Ctrl-C arrives twice where npm stands between: from the terminal, and passed on by npm. */
const echoMsMax = 300;

function listenForInterrupt(): Interrupt {
  const cancelling = new AbortController();
  let exitCode: number = exitCodes.interrupted;
  let heard: { readonly signal: NodeJS.Signals; readonly at: number } | null = null;
  const hear = (signal: NodeJS.Signals): void => {
    const now = systemClock.now();
    if (heard !== null && heard.signal === signal && now - heard.at < echoMsMax) return;
    exitCode = signal === 'SIGTERM' ? exitCodes.ended : exitCodes.interrupted;
    // Somebody who asks twice does not want to wait.
    if (cancelling.signal.aborted) process.exit(exitCode);
    heard = { signal, at: now };
    cancelling.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, hear);
  return {
    signal: cancelling.signal,
    exitCode: () => exitCode,
    release: () => {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}
