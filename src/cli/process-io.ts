import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { createInspan } from '../inspan.ts';
import { newJobId } from '../job-id.ts';
import { exitCodes, type Interrupt, type Io } from './io.ts';
import { oneLine } from './show/wording.ts';
import { createScreen } from './terminal.ts';

/** What commands may use of this process, and how it ends. */
export interface ProcessIo extends Io {
  /** Ends the process once all that was printed has left it. What a tool left running does not hold it. */
  end(exitCode: number): Promise<never>;
}

/** Ends the process at once, on our own account. */
type Leave = (exitCode: number) => never;

/** Makes of this process what commands may use of it. Ends the process where there is nothing to stand on. */
export function createProcessIo(typed: readonly string[]): ProcessIo {
  const leave = watchTools();
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => endUnlessClosed(error, leave));
  }
  const write = process.stdout.write.bind(process.stdout);
  const screen = typed.includes('--json') ? null : createScreen(process.stdout, process.env);
  // What a team's tools print is no part of the output: it goes where messages go.
  if (screen === null) process.stdout.write = process.stderr.write.bind(process.stderr);
  return {
    directory: currentDirectory(leave),
    // Two levels above src/cli as well as above dist/cli.
    packageDirectory: join(import.meta.dirname, '../..'),
    environment: process.env,
    clock: systemClock,
    screen,
    print: (text) => void write(text),
    complain: (text) => void process.stderr.write(text),
    readInput,
    listenForInterrupt: () => listenForInterrupt(leave),
    newId: () => newJobId(systemClock.now()),
    createInspan,
    async end(exitCode) {
      await new Promise<void>((resolve) => void write('', () => resolve()));
      await new Promise<void>((resolve) => void process.stderr.write('', () => resolve()));
      return leave(exitCode);
    },
  };
}

/** Tools run in this process: what they leave lying about must not end it in silence, or with a success. */
function watchTools(): Leave {
  let isOurs = false;
  const stray = (error: unknown): void => {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    tell(`a tool of the team failed outside of its call: ${oneLine(detail)}`);
  };
  process.on('unhandledRejection', stray);
  process.on('uncaughtException', stray);
  process.on('exit', () => {
    if (isOurs) return;
    tell('a tool of the team ended the process (process.exit), or it waits for what never comes.');
    process.exitCode = exitCodes.failed;
  });
  return (exitCode) => {
    isOurs = true;
    process.exit(exitCode);
  };
}

/** Written at once: after an exit nothing else would be. */
function tell(message: string): void {
  writeSync(2, `inspan: ${message}\n`);
}

function currentDirectory(leave: Leave): string {
  try {
    return process.cwd();
  } catch {
    // Node has one reason to throw here: the folder was deleted under the process.
    tell('the current folder is not there any more: cd somewhere else.');
    return leave(exitCodes.wrongInput);
  }
}

/**
 * Who reads the output may have heard enough (`| head`): the job goes on, its files are still wanted.
 * Output that cannot be kept (a full disk) ends all, before more is paid for what is lost.
 */
function endUnlessClosed({ code }: NodeJS.ErrnoException, leave: Leave): void {
  if (code === 'EPIPE') return;
  tell(`The output cannot be written (${code}). Make room, or send it elsewhere.`);
  leave(exitCodes.failed);
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}

/** One Ctrl-C arrives twice where npm stands between: from the terminal, and passed on by npm. */
const echoMsMax = 300;

function listenForInterrupt(leave: Leave): Interrupt {
  const cancelling = new AbortController();
  let exitCode: number = exitCodes.interrupted;
  let heard: { readonly signal: NodeJS.Signals; readonly at: number } | null = null;
  const hear = (signal: NodeJS.Signals): void => {
    const now = systemClock.now();
    if (heard !== null && heard.signal === signal && now - heard.at < echoMsMax) return;
    exitCode = signal === 'SIGTERM' ? exitCodes.ended : exitCodes.interrupted;
    // Somebody who asks twice does not want to wait.
    if (cancelling.signal.aborted) leave(exitCode);
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
