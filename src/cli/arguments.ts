import { parseArgs } from 'node:util';
import { type Failure, failure } from '../core/index.ts';
import { closest } from '../team/index.ts';
import type { Io } from './io.ts';

/** What a command takes; its help is made from the same data. */
export interface CommandSpec {
  readonly name: string;
  readonly purpose: string;
  readonly words: readonly WordSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What may stand behind `--`, left as it is: a command line of its own. Absent: nothing may. */
  readonly rest?: WordSpec;
  readonly examples: readonly string[];
  /** What a person should know besides. */
  readonly notes: readonly string[];
}

/** A command: what it takes, and what it does. */
export interface Command {
  readonly spec: CommandSpec;
  readonly run: (given: Arguments, io: Io) => Promise<number>;
}

/** A word that a command takes by its position. */
export interface WordSpec {
  readonly name: string;
  readonly required: boolean;
  /** The last word of a command may stand any number of times. */
  readonly repeats?: boolean;
  readonly purpose: string;
}

/** An option of a command. */
export interface OptionSpec {
  /** What stands after it, as help shows it; null: nothing does. */
  readonly value: string | null;
  readonly repeats?: boolean;
  readonly purpose: string;
}

/** What a person typed, sorted out. */
export interface Arguments {
  readonly words: readonly string[];
  /** Option → its values, in order; absent when it was not given. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Options without a value that were given. */
  readonly flags: ReadonlySet<string>;
  /** What stood behind `--`, where the command takes it. */
  readonly rest: readonly string[];
}

/** Sorted arguments, or everything that is wrong with them. */
export type ReadArguments =
  | { readonly ok: true; readonly given: Arguments }
  | { readonly ok: false; readonly failures: readonly Failure[] };

const helpOption: OptionSpec = Object.freeze({ value: null, purpose: 'Shows this.' });

/** The options of a command, `--help` included. */
export function optionsOf({ options }: CommandSpec): Readonly<Record<string, OptionSpec>> {
  return { ...options, help: helpOption };
}

/** Sorts what was typed after the name of a command. Finds every mistake, not only the first. */
export function readArguments(typed: readonly string[], command: CommandSpec): ReadArguments {
  const options = optionsOf(command);
  const [own, rest] = command.rest === undefined ? [typed, []] : splitAtDashes(typed);
  const words: string[] = [];
  const values: Record<string, string[]> = {};
  const flags = new Set<string>();
  const failures: Failure[] = [];
  for (const token of tokensOf(own, options)) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      words.push(token.value);
      continue;
    }
    const problem = optionProblem(token, command, values[token.name] !== undefined);
    if (problem !== null) failures.push(failure('wrong-input', problem));
    else if (token.value === undefined) flags.add(token.name);
    else values[token.name] = [...(values[token.name] ?? []), token.value];
  }
  if (command.rest !== undefined && rest.length === 0 && own.length < typed.length) {
    const form = `-- <${command.rest.name}>`;
    failures.push(
      failure('wrong-input', `${command.name} has nothing behind --: write ${form}, or leave -- out.`),
    );
  }
  // After an option that is not known, nobody can tell a word from its value.
  const isClear = failures.length === 0 && !flags.has('help');
  if (isClear) failures.push(...wordFailures(words, command));
  return failures.length > 0 ? { ok: false, failures } : { ok: true, given: { words, values, flags, rest } };
}

function splitAtDashes(typed: readonly string[]): readonly [own: readonly string[], rest: readonly string[]] {
  const dashes = typed.indexOf('--');
  return dashes < 0 ? [typed, []] : [typed.slice(0, dashes), typed.slice(dashes + 1)];
}

interface OptionToken {
  readonly kind: 'option';
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

type Token =
  | OptionToken
  | { readonly kind: 'positional'; readonly value: string }
  | { readonly kind: 'option-terminator' };

/** Not strict: mistakes are named here, all of them and in our own words. */
function tokensOf(typed: readonly string[], options: Readonly<Record<string, OptionSpec>>): readonly Token[] {
  const known = Object.entries(options).map(([name, { value }]) => {
    const short = name === 'help' ? { short: 'h' } : {};
    return [name, { type: value === null ? ('boolean' as const) : ('string' as const), ...short }];
  });
  return parseArgs({
    args: [...typed],
    options: Object.fromEntries(known),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

function optionProblem(token: OptionToken, command: CommandSpec, isGiven: boolean): string | null {
  const { name, rawName, value } = token;
  const options = optionsOf(command);
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) return unknownOption(token, command);
  if (option.value === null) {
    return value === undefined ? null : `${rawName} takes no value: write ${rawName} alone.`;
  }
  const form = `${rawName} ${option.value}`;
  if (value === undefined || value === '') return `${rawName} has no value: write ${form}.`;
  if (token.inlineValue === false && /^-./.test(value)) {
    return `${rawName} has no value: write ${form}, or ${rawName}=${value} if ${value} is meant.`;
  }
  if (isGiven && option.repeats !== true) return `${rawName} is given twice: give it once.`;
  return null;
}

function unknownOption({ name, rawName }: OptionToken, command: CommandSpec): string {
  const near = closest(name, Object.keys(optionsOf(command)));
  const meant = near === null ? '' : ` Did you mean --${near}?`;
  return `${command.name} has no option ${rawName}.${meant} See: inspan help ${command.name}`;
}

function wordFailures(
  words: readonly string[],
  { name, words: specs, options }: CommandSpec,
): readonly Failure[] {
  const form = ['inspan', name, ...specs.map((word) => `<${word.name}>`)].join(' ');
  const missing = specs.filter(({ required }, position) => required && words[position] === undefined);
  const wordsMax = specs.at(-1)?.repeats === true ? Number.POSITIVE_INFINITY : specs.length;
  const files = options['file'] === undefined ? '' : ' Files are brought with --file <name>=<path>.';
  return [
    ...missing.map((word) => `${name} needs ${word.purpose}: ${form}`),
    ...words.slice(wordsMax).map((word) => `"${word}" is one word too many: ${form}.${files}`),
  ].map((message) => failure('wrong-input', message));
}
