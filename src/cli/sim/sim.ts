import { spawn } from 'node:child_process';
import { failure, InspanError } from '../../core/index.ts';
import { keyVariableOf, providers } from '../../models/index.ts';
import type { RunningSimulator } from '../../simulator.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { readYamlFile } from '../read-yaml-file.ts';
import { accountLines } from './account-lines.ts';

/** Where the simulator listens unless it is told otherwise; nobody registered this port. */
const portUsual = 8484;

/** How `inspan sim` is called. */
export const simSpec: CommandSpec = Object.freeze({
  name: 'sim',
  purpose: 'Runs a provider on this machine that behaves like Anthropic, OpenAI and Ollama, for nothing.',
  words: [],
  options: {
    port: { value: '<number>', purpose: `Where it listens on 127.0.0.1. Default: ${portUsual}; 0 for any.` },
    profile: { value: '<file>', purpose: 'A YAML file: brain, speed, limits, keys, faults, seed.' },
    json: { value: null, purpose: 'Prints the accounts at the end as JSON.' },
  },
  rest: { name: 'command', required: false, purpose: 'a command that is run against it' },
  examples: [
    'inspan sim --port 8484',
    'inspan sim -- inspan run launch-kit --file source.md=README.md --model anthropic/claude-sonnet-5',
  ],
  notes: [
    'With a command behind --, it takes any free port, runs the command with the environment that leads there,',
    'and ends with the exit code of the command. Without one it runs until Ctrl-C. At the end it prints what it billed:',
    'on standard error, or with --json on standard output, behind whatever the command printed there.',
  ],
});

/** Runs the simulator: until Ctrl-C, or as long as a command runs. */
export async function sim({ values, flags, rest }: Arguments, io: Io): Promise<number> {
  const [file] = values['profile'] ?? [];
  const port = portOf(values['port']?.[0], rest.length > 0);
  const profile = file === undefined ? {} : { profile: await readYamlFile(file, '--profile', io) };
  const { startSimulator } = await import('../../simulator.ts');
  const simulator = await startSimulator({ port, ...profile, clock: io.clock });
  try {
    const exitCode =
      rest.length > 0
        ? await runAgainst(simulator, rest, io)
        : await untilStopped(simulator, flags.has('json'), io);
    const accounts = simulator.accounts();
    if (flags.has('json')) io.print(`${JSON.stringify(accounts, null, 2)}\n`);
    else io.complain(`\n${accountLines(accounts).join('\n')}\n`);
    return exitCode;
  } finally {
    await simulator.close();
  }
}

function portOf(typed: string | undefined, hasCommand: boolean): number {
  if (typed === undefined) return hasCommand ? 0 : portUsual;
  const port = Number(typed);
  if (/^\d+$/.test(typed) && port <= 65_535) return port;
  throw wrong(`--port is ${typed}: write a number from 0 to 65535.`);
}

/** Standard output is the accounts' alone where they are JSON. */
async function untilStopped(
  { url, environment }: RunningSimulator,
  isJson: boolean,
  io: Io,
): Promise<number> {
  const variables = Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`);
  const lines = [
    `The simulator listens on ${url} until Ctrl-C. In another terminal:`,
    '',
    ...variables,
    '',
    `What it billed so far: curl ${url}/sim/accounts`,
  ];
  const banner = `${lines.join('\n')}\n`;
  if (isJson) io.complain(banner);
  else io.print(banner);
  const interrupt = io.listenForInterrupt();
  await fired(interrupt.signal);
  interrupt.release();
  return exitCodes.done;
}

/**
 * The command writes where this process writes. A Ctrl-C reaches it from the terminal by itself, and it may take its
 * time to end well; a SIGTERM is sent to one process only, so that is passed on.
 */
async function runAgainst(
  { environment }: RunningSimulator,
  [program = '', ...words]: readonly string[],
  io: Io,
): Promise<number> {
  const interrupt = io.listenForInterrupt();
  const child = spawn(program, words, {
    cwd: io.directory,
    env: { ...withoutKeys(io.environment), ...environment },
    stdio: ['inherit', 'inherit', 'inherit'],
  });
  const passOn = (): void => {
    if (interrupt.exitCode() === exitCodes.ended) child.kill('SIGTERM');
  };
  interrupt.signal.addEventListener('abort', passOn, { once: true });
  const ended = Promise.withResolvers<number>();
  child.once('error', (error) =>
    ended.reject(wrong(`The command ${program} cannot be run: ${error.message}.`)),
  );
  child.once('exit', (code) => {
    ended.resolve(code ?? (interrupt.signal.aborted ? interrupt.exitCode() : exitCodes.failed));
  });
  try {
    return await ended.promise;
  } finally {
    interrupt.release();
  }
}

/** Whoever is to pay nothing must not reach a provider that the simulator does not stand in for. */
function withoutKeys(environment: Io['environment']): Io['environment'] {
  const keys: ReadonlySet<string> = new Set(Object.keys(providers).map(keyVariableOf));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !keys.has(name)));
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function wrong(message: string): InspanError {
  return new InspanError([failure('wrong-input', message)]);
}
