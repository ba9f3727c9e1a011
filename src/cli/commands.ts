import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Failure, failure, failureLine, InspanError } from '../core/index.ts';
import { closest } from '../team/index.ts';
import { type Arguments, type Command, type CommandSpec, readArguments } from './arguments.ts';
import { check, checkSpec } from './check/check.ts';
import { commandHelp, type GroupSpec, groupHelp, overviewHelp } from './help.ts';
import { init, initSpec } from './init.ts';
import { exitCodes, type Io } from './io.ts';
import { jobsCommands } from './jobs/jobs.ts';
import { keysCommands } from './keys/keys.ts';
import { migrate, migrateSpec } from './migrate/migrate.ts';
import { models, modelsSpec } from './models/models.ts';
import { kindOf } from './paths.ts';
import { probe, probeSpec } from './probe/probe.ts';
import { run, runSpec } from './run/run.ts';
import { serve, serveSpec } from './serve/serve.ts';
import { oneLine } from './show/wording.ts';
import { sim, simSpec } from './sim/sim.ts';
import { storeCommands } from './store/store.ts';
import { worker, workerSpec } from './worker/worker.ts';

const helpSpec: CommandSpec = Object.freeze({
  name: 'help',
  purpose: 'Explains a command.',
  words: [{ name: 'command', required: false, repeats: true, purpose: 'a command' }],
  options: {},
  examples: ['inspan help run', 'inspan help jobs list'],
  notes: [],
});

/** Commands that share their first word. */
interface Group {
  readonly name: string;
  readonly purpose: string;
  readonly commands: readonly Command[];
}

const entries: readonly (Command | Group)[] = Object.freeze([
  { spec: initSpec, run: init },
  { spec: checkSpec, run: check },
  { spec: runSpec, run },
  { spec: serveSpec, run: serve },
  { spec: workerSpec, run: worker },
  {
    name: 'jobs',
    purpose: 'Jobs of a server: list, show, watch, cancel, retry, fork, signal, replay.',
    commands: jobsCommands,
  },
  {
    name: 'keys',
    purpose: 'API keys of a server: create, list, revoke, rotate.',
    commands: keysCommands,
  },
  {
    name: 'store',
    purpose: 'What a database keeps: backup, restore, vacuum.',
    commands: storeCommands,
  },
  { spec: migrateSpec, run: migrate },
  { spec: modelsSpec, run: models },
  { spec: probeSpec, run: probe },
  { spec: simSpec, run: sim },
  { spec: helpSpec, run: help },
]);

const names: readonly string[] = Object.freeze(
  entries.map((entry) => ('spec' in entry ? entry.spec.name : entry.name)),
);

/** Runs one command line and gives the exit code. Mistakes cost one line each, and nothing is done. */
export async function runCommandLine(typed: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(typed, io);
  } catch (error) {
    if (!(error instanceof InspanError)) throw error;
    return complain(error.failures, io);
  }
}

async function dispatch(typed: readonly string[], io: Io): Promise<number> {
  const [name] = typed;
  if (name === undefined || name === '--help' || name === '-h') return printOverview(io);
  if (name === '--version' || name === '-v') return await printVersion(io);
  if (await isFolder(name, io)) throw wrong(`"${name}" is a folder. To run it as a team: inspan run ${name}`);
  const found = findEntry(typed);
  if (!('command' in found)) return printGroup(found, io);
  const { command, rest } = found;
  const read = readArguments(rest, command.spec);
  if (!read.ok) return complain(read.failures, io);
  if (!read.given.flags.has('help')) return await command.run(read.given, io);
  io.print(`${commandHelp(command.spec).join('\n')}\n`);
  return exitCodes.done;
}

/** Somebody forgot the command; but a folder that is called like one is none of that. */
async function isFolder(name: string, { directory }: Io): Promise<boolean> {
  if (names.includes(name)) return false;
  return (await kindOf(resolve(directory, name))) === 'folder';
}

interface FoundCommand {
  readonly command: Command;
  /** What was typed behind its name. */
  readonly rest: readonly string[];
}

/** Finds what was typed first: a command, or a group where nothing but a wish for help stands behind it. */
function findEntry([name = '', ...rest]: readonly string[]): FoundCommand | Group {
  const entry = entries.find((_, position) => names[position] === name);
  if (entry === undefined) throw unknownCommand(name);
  if ('spec' in entry) return { command: entry, rest };
  const [action, ...behind] = rest;
  if (action === undefined || action === '--help' || action === '-h') return entry;
  const command = entry.commands.find(({ spec }) => spec.name === `${name} ${action}`);
  if (command !== undefined) return { command, rest: behind };
  const actions = entry.commands.map(({ spec }) => spec.name.slice(name.length + 1));
  throw wrong(`There is no command "${name} ${action}".${meant(action, actions)} See: inspan help ${name}`);
}

function unknownCommand(name: string): InspanError {
  return name.startsWith('-')
    ? wrong(`${name} stands before the command. Write inspan <command> first, then its options.`)
    : wrong(`There is no command "${name}".${meant(name, names)} Commands: ${names.join(', ')}.`);
}

function meant(typed: string, known: readonly string[]): string {
  const near = closest(typed, known);
  return near === null ? '' : ` Did you mean ${near}?`;
}

async function help({ words }: Arguments, io: Io): Promise<number> {
  if (words.length === 0) return printOverview(io);
  const found = findEntry(words);
  if (!('command' in found)) return printGroup(found, io);
  io.print(`${commandHelp(found.command.spec).join('\n')}\n`);
  return exitCodes.done;
}

function printOverview(io: Io): number {
  io.print(
    `${overviewHelp(entries.map((entry) => ('spec' in entry ? entry.spec : specOf(entry)))).join('\n')}\n`,
  );
  return exitCodes.done;
}

function printGroup(group: Group, io: Io): number {
  io.print(`${groupHelp(specOf(group)).join('\n')}\n`);
  return exitCodes.done;
}

function specOf({ commands, ...group }: Group): GroupSpec {
  return { ...group, commands: commands.map(({ spec }) => spec) };
}

async function printVersion(io: Io): Promise<number> {
  const manifest = JSON.parse(await readFile(join(io.packageDirectory, 'package.json'), 'utf8')) as {
    version: string;
  };
  io.print(`${manifest.version}\n`);
  return exitCodes.done;
}

function complain(failures: readonly Failure[], io: Io): number {
  const lines = new Set(failures.map((each) => `inspan: ${oneLine(failureLine(each))}\n`));
  io.complain([...lines].join(''));
  return exitCodes.wrongInput;
}

function wrong(message: string): InspanError {
  return new InspanError([failure('wrong-input', message)]);
}
