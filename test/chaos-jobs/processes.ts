import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const commandLine = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** A start takes about a second and idle processes drain at once; a machine with much else to do takes longer. */
const patienceMs = 30_000;

/** A server or a worker: a real process of the command line. */
export interface Process {
  readonly name: string;
  /** Resolves when it says that it works. */
  readonly ready: Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP, and SIGCONT after a while. */
  freeze(ms: number): Promise<void>;
  isFrozen(): boolean;
  /** SIGTERM; it has to end by itself. */
  drain(): Promise<void>;
}

/** Starts processes and notes what none of them may do. */
export interface Processes {
  start(name: string, words: readonly string[], environment: Readonly<Record<string, string>>): Process;
  /** Deaths that nobody caused, and stack traces. */
  problems(): readonly string[];
  /** What all of them complained of, for reading after a failure. */
  complaints(): readonly string[];
  /** Kills what is left. */
  close(): Promise<void>;
}

/** Opens the house of all processes of a test. */
export function openProcesses(): Processes {
  const problems: string[] = [];
  const complaints: string[] = [];
  const running = new Set<Process>();
  return {
    start(name, words, environment) {
      const child = spawn(process.execPath, [commandLine, ...words], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'] ?? '', ...environment },
      });
      const started = watch(name, child, {
        problem: (line) => void problems.push(`${name}: ${line}`),
        complaint: (line) => void complaints.push(`${name}: ${line}`),
        over: () => void running.delete(started),
      });
      running.add(started);
      return started;
    },
    problems: () => problems,
    complaints: () => complaints,
    async close() {
      await Promise.all([...running].map((each) => each.kill()));
    },
  };
}

interface Told {
  problem(line: string): void;
  complaint(line: string): void;
  over(): void;
}

function watch(name: string, child: ChildProcess, told: Told): Process {
  const ready = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  let said = '';
  let isMeant = false;
  let isFrozen = false;
  // With `--json` the first line says that it works.
  child.stdout?.once('data', () => ready.resolve());
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.once('close', (code, signal) => {
    hear(said, told);
    if (!isMeant) told.problem(`died by itself: ${signal ?? code}`);
    told.over();
    gone.resolve();
    // One that is killed before never is.
    ready.resolve();
  });
  return {
    name,
    ready: inTime(ready.promise, () => told.problem('did not start')),
    isFrozen: () => isFrozen,
    async kill() {
      isMeant = true;
      child.kill('SIGKILL');
      await gone.promise;
    },
    async freeze(ms) {
      isFrozen = true;
      child.kill('SIGSTOP');
      await sleep(ms);
      child.kill('SIGCONT');
      isFrozen = false;
    },
    async drain() {
      isMeant = true;
      child.kill('SIGTERM');
      await inTime(gone.promise, () => told.problem('did not end after SIGTERM'));
      if (child.exitCode !== 0) told.problem(`ended with ${child.exitCode} after SIGTERM`);
    },
  };
}

function hear(said: string, { complaint, problem }: Told): void {
  for (const line of said.split('\n').filter((each) => each !== '')) {
    complaint(line);
    if (/^\s+at .+:\d+:\d+\)?$/.test(line)) problem(`shows a stack trace: ${line.trim()}`);
  }
}

async function inTime(promise: Promise<void>, late: () => void): Promise<void> {
  const over = new AbortController();
  const clock = sleep(patienceMs, 'late' as const, { signal: over.signal }).catch(() => null);
  if ((await Promise.race([promise, clock])) === 'late') late();
  over.abort();
}
