import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { failure, InspanError } from '../../core/index.ts';
import type { Arguments, OptionSpec } from '../arguments.ts';
import type { Io } from '../io.ts';
import { kindOf, systemCode } from '../paths.ts';

/** Where jobs are kept unless somebody says otherwise. */
const fileUsual = join('.inspan', 'inspan.db');

/** The option that says where jobs are kept. */
export const databaseOption: OptionSpec = Object.freeze({
  value: '<place>',
  purpose: `A file, or postgres://… Default: INSPAN_DATABASE, else ${fileUsual}.`,
});

/** Where jobs are kept. */
export interface Storage {
  /** A whole path, or the address of a Postgres database. */
  readonly database: string;
  readonly isFile: boolean;
  /** For people: as they find the file, or the address without its password. */
  readonly name: string;
  /** As `--database` takes it in another command; a password has to come from elsewhere. */
  readonly argument: string;
}

/** Reads where jobs are kept; nothing is opened yet. */
export function storageOf({ values }: Arguments, { directory, environment }: Io): Storage {
  const typed = values['database']?.[0];
  const named = typed ?? (environment['INSPAN_DATABASE'] || fileUsual);
  const option = typed === undefined ? 'INSPAN_DATABASE' : '--database';
  if (/^postgres(ql)?:/.test(named))
    return { database: named, isFile: false, ...shortAddress(named, option) };
  if (/^\w{2,}:\/\//.test(named)) {
    throw wrong(`${option} is no postgres:// address: write one, or the path of a file.`);
  }
  const database = resolve(directory, named);
  const near = relative(directory, database);
  const name = near.startsWith('..') ? named : near;
  return { database, isFile: true, name, argument: name };
}

function shortAddress(address: string, option: string): Pick<Storage, 'name' | 'argument'> {
  if (!URL.canParse(address))
    throw wrong(`${option} is no address: write postgres://user:password@host/name.`);
  const { host, pathname, username } = new URL(address);
  const user = username === '' ? '' : `${username}@`;
  return { name: `postgres://${host}${pathname}`, argument: `postgres://${user}${host}${pathname}` };
}

/** Refuses a database file that is not there: to look into it would make an empty one. */
export async function mustExist({ database, isFile, name }: Storage): Promise<void> {
  if (!isFile || (await kindOf(database)) === 'file') return;
  throw wrong(`There is no database ${name}: name the one that is meant with --database.`);
}

/** Makes the folder that a database file is to lie in. */
export async function makeFolderFor({ database, isFile, name }: Storage): Promise<void> {
  if (!isFile) return;
  try {
    await mkdir(dirname(database), { recursive: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    throw wrong(`The folder for ${name} cannot be made (${code}): choose another --database.`);
  }
}

/** The option that says where what may vanish is kept. */
export const redisOption: OptionSpec = Object.freeze({
  value: '<address>',
  purpose: 'redis://host:port, for several workers. Default: INSPAN_REDIS, else none.',
});

/** Reads the address of Redis; null where there is none. */
export function redisOf({ values }: Arguments, { environment }: Io): string | null {
  const address = values['redis']?.[0] ?? (environment['INSPAN_REDIS'] || null);
  if (address === null || /^rediss?:\/\/./.test(address)) return address;
  throw wrong(
    `${values['redis'] === undefined ? 'INSPAN_REDIS' : '--redis'} is no address: write redis://host:port.`,
  );
}

/** Does something with a store; its failures name files as a person finds them from where they are. */
export async function inNames<T>({ directory }: Pick<Io, 'directory'>, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof InspanError)) throw error;
    throw new InspanError(
      error.failures.map(({ place, ...rest }) =>
        place === undefined ? rest : { ...rest, place: { ...place, file: nearName(directory, place.file) } },
      ),
    );
  }
}

function nearName(directory: string, file: string): string {
  const near = relative(directory, file);
  return near.startsWith('..') ? file : near;
}

function wrong(message: string): InspanError {
  return new InspanError([failure('wrong-input', message)]);
}
