import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Failure, failure, failureLine, InspanError } from '../core/index.ts';
import { closest } from '../team/index.ts';
import { type Arguments, type CommandSpec, readArguments } from './arguments.ts';
import { check, checkSpec } from './check/check.ts';
import { commandHelp, overviewHelp } from './help.ts';
import { init, initSpec } from './init.ts';
import { exitCodes, type Io } from './io.ts';
import { models, modelsSpec } from './models/models.ts';
import { kindOf } from './paths.ts';
import { probe, probeSpec } from './probe/probe.ts';
import { run, runSpec } from './run/run.ts';
import { oneLine } from './show/wording.ts';
import { sim, simSpec } from './sim/sim.ts';

interface Command {
  readonly spec: CommandSpec;
  readonly run: (given: Arguments, io: Io) => Promise<number>;
}

const helpSpec: CommandSpec = Object.freeze({
  name: 'help',
  purpose: 'Explains a command.',
  words: [{ name: 'command', required: false, purpose: 'a command' }],
  options: {},
  examples: ['inspan help run'],
  notes: [],
});

const commands: readonly Command[] = Object.freeze([
  { spec: initSpec, run: init },
  { spec: checkSpec, run: check },
  { spec: runSpec, run },
  { spec: modelsSpec, run: models },
  { spec: probeSpec, run: probe },
  { spec: simSpec, run: sim },
  { spec: helpSpec, run: help },
]);

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
  const [name, ...rest] = typed;
  if (name === undefined || name === '--help' || name === '-h') return printOverview(io);
  if (name === '--version' || name === '-v') return await printVersion(io);
  if (await isFolder(name, io)) throw wrong(`"${name}" is a folder. To run it as a team: inspan run ${name}`);
  const command = findCommand(name);
  const read = readArguments(rest, command.spec);
  if (!read.ok) return complain(read.failures, io);
  if (!read.given.flags.has('help')) return await command.run(read.given, io);
  io.print(`${commandHelp(command.spec).join('\n')}\n`);
  return exitCodes.done;
}

/** Somebody forgot the command; but a folder that is called like one is none of that. */
async function isFolder(name: string, { directory }: Io): Promise<boolean> {
  if (commands.some(({ spec }) => spec.name === name)) return false;
  return (await kindOf(resolve(directory, name))) === 'folder';
}

function findCommand(name: string): Command {
  const command = commands.find(({ spec }) => spec.name === name);
  if (command !== undefined) return command;
  if (name.startsWith('-'))
    throw wrong(`${name} stands before the command. Write inspan <command> first, then its options.`);
  const names = commands.map(({ spec }) => spec.name);
  const near = closest(name, names);
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  throw wrong(`There is no command "${name}".${meant} Commands: ${names.join(', ')}.`);
}

async function help({ words }: Arguments, io: Io): Promise<number> {
  const [name] = words;
  if (name === undefined) return printOverview(io);
  io.print(`${commandHelp(findCommand(name).spec).join('\n')}\n`);
  return exitCodes.done;
}

function printOverview(io: Io): number {
  io.print(`${overviewHelp(commands.map(({ spec }) => spec)).join('\n')}\n`);
  return exitCodes.done;
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
