import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  type Failure,
  fail,
  failure,
  type Json,
  type JsonSchema,
  ok,
  type Result,
} from '../../core/index.ts';
import { type Brief, paramFromText } from '../../jobs/index.ts';
import type { Team } from '../../team/index.ts';
import type { Arguments } from '../arguments.ts';
import type { Io } from '../io.ts';
import { systemCode } from '../paths.ts';

/** A brief as typed: what could be read of it, and everything that could not. */
export interface TypedBriefParts {
  /** Files that could not be read stand in it as a word, so that they are not called missing, too. */
  readonly brief: Brief;
  readonly failures: readonly Failure[];
}

/** Reads what a command line says of a brief: `--brief`, `--file` and `--param`. */
export async function readBrief(given: Arguments, team: Team, io: Io): Promise<TypedBriefParts> {
  const failures: Failure[] = [...standardInputTwice(given)];
  const readInput = once(io.readInput);
  const take = <T>(result: Result<T>): T | undefined => {
    if (result.ok) return result.value;
    failures.push(result.failure);
    return undefined;
  };
  const files = new Map<string, string | Uint8Array>();
  for (const typed of given.values['file'] ?? []) {
    const named = take(nameFile(typed, team));
    if (named === undefined) continue;
    const isTaken = files.has(named.name);
    if (isTaken) failures.push(failure('wrong-input', `File ${named.name} is given twice: give it once.`));
    else
      files.set(
        named.name,
        take(await readPath(named.path, `--file ${typed}`, { ...io, readInput })) ?? unreadable,
      );
  }
  const typedText = given.values['brief']?.[0];
  const text = typedText === undefined ? undefined : take(await readText(typedText, { ...io, readInput }));
  const params = readParams(given.values['param'] ?? [], team, failures);
  return {
    brief: { files: Object.fromEntries(files), params, ...(text === undefined ? {} : { text }) },
    failures,
  };
}

/** What stands for a file that could not be read. Never reaches an agent: the job is refused. */
const unreadable = 'unreadable';

/** Standard input is gone once it was read. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => {
    reading ??= read();
    return reading;
  };
}

function standardInputTwice({ values }: Arguments): readonly Failure[] {
  const asked = [
    ...(values['brief'] ?? []).filter((typed) => typed === '-' || typed === '@-'),
    ...(values['file'] ?? []).filter((typed) => typed === '-' || typed.endsWith('=-')),
  ];
  if (asked.length < 2) return [];
  return [failure('wrong-input', `Standard input is asked for ${asked.length} times: it can be read once.`)];
}

interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** `name=path`, or a path alone where it is clear which of the team's files it is. */
function nameFile(typed: string, { input }: Team): Result<NamedPath> {
  const equals = typed.indexOf('=');
  if (equals >= 0) {
    const [name, path] = [typed.slice(0, equals), typed.slice(equals + 1)];
    return name === '' || path === ''
      ? fail('wrong-input', `--file ${typed}: write --file <name>=<path>.`)
      : ok({ name, path });
  }
  const own = typed === '-' ? null : basename(typed);
  const declared = Object.keys(input.files ?? {});
  if (own !== null && (declared.length === 0 || declared.includes(own)))
    return ok({ name: own, path: typed });
  const [only] = declared;
  if (declared.length === 1 && only !== undefined) return ok({ name: only, path: typed });
  const example = `--file ${only ?? 'notes.md'}=${typed}`;
  const known = declared.length === 0 ? 'it needs a name' : `which of ${declared.join(', ')} is it`;
  return fail('wrong-input', `--file ${typed}: ${known}? Write it before the path, as in ${example}.`);
}

/** More than any brief takes; above it not even a look is worth the memory: 256 MiB. */
const readBytesMax = 256 * 1024 * 1024;

async function readPath(path: string, option: string, io: Io): Promise<Result<Uint8Array>> {
  if (path === '-') return ok(await io.readInput());
  const place = resolve(io.directory, path);
  try {
    const found = await stat(place);
    const { size } = found;
    if (!found.isFile() && !found.isDirectory()) {
      return fail('wrong-input', `${option}: ${path} is no file. Give one, or - for standard input.`);
    }
    if (size > readBytesMax) {
      return fail(
        'wrong-input',
        `${option}: ${path} has ${Math.round(size / 1024 / 1024)} MiB: bring a smaller part of it.`,
      );
    }
    return ok(new Uint8Array(await readFile(place)));
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return fail('wrong-input', `${option}: ${reasons[code]?.(path) ?? `${path} cannot be read (${code}).`}`);
  }
}

const reasons: Readonly<Record<string, (path: string) => string>> = Object.freeze({
  ENOENT: (path: string) => `there is no file ${path}. Check the path; it is taken from the current folder.`,
  ENOTDIR: (path: string) => `there is no file ${path}. Check the path; it is taken from the current folder.`,
  EISDIR: (path: string) => `${path} is a folder. Give one file; repeat --file for more.`,
  EACCES: (path: string) => `${path} may not be read by you. Change its permissions, or copy it.`,
});

async function readText(typed: string, io: Io): Promise<Result<string>> {
  const path = typed === '-' ? '-' : typed.startsWith('@') ? typed.slice(1) : null;
  if (path === null) return ok(typed);
  const content = await readPath(path, `--brief ${typed}`, io);
  if (!content.ok) return content;
  const text = decoded(content.value);
  if (text === null)
    return fail(
      'wrong-input',
      `--brief ${typed}: this is not UTF-8 text. Convert it, or bring it with --file.`,
    );
  return text.trim() === ''
    ? fail('wrong-input', `--brief ${typed}: this is empty. Say what is asked for, or leave --brief out.`)
    : ok(text);
}

function decoded(content: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    // A fatal decoder throws for one reason only: these bytes are no UTF-8.
    return null;
  }
}

/** A list may be given in one go (`a,b`) or item by item. */
function readParams(
  typed: readonly string[],
  { input }: Team,
  failures: Failure[],
): Readonly<Record<string, Json>> {
  const params = new Map<string, Json>();
  for (const each of typed) {
    const equals = each.indexOf('=');
    if (equals < 1) {
      failures.push(failure('wrong-input', `--param ${each}: write --param <name>=<value>.`));
      continue;
    }
    const name = each.slice(0, equals);
    const value = paramFromText(each.slice(equals + 1), schemaOf(name, input.params));
    const before = params.get(name);
    if (before === undefined) params.set(name, value);
    else if (isList(before) && isList(value)) params.set(name, [...before, ...value]);
    else failures.push(failure('wrong-input', `Parameter ${name} is given twice: give it once.`));
  }
  return Object.fromEntries(params);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function schemaOf(name: string, params: Team['input']['params']): JsonSchema | null {
  return params !== null && Object.hasOwn(params, name) ? (params[name]?.schema ?? null) : null;
}
