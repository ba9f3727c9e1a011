import { spawn } from 'node:child_process';

/** What a command left behind. */
export interface Ended {
  /** The exit code; 128 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs a program to its end and never throws because of how it ended. */
export async function run(
  program: string,
  words: readonly string[],
  { cwd, env }: RunOptions,
): Promise<Ended> {
  const child = spawn(program, words, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? 128, stdout: stdout.join(''), stderr: stderr.join('') });
    });
  });
}

/** Runs a program and throws all it said unless it ended well. */
export async function runWell(
  program: string,
  words: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(program, words, options);
  if (code === 0) return stdout;
  throw new Error(`${[program, ...words].join(' ')} ended with ${code}\n${stdout}${stderr}`);
}
