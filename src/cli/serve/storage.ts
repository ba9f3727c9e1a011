import { mkdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { failure, InspanError } from '../../core/index.ts';
import type { Arguments, OptionSpec } from '../arguments.ts';
import type { Io } from '../io.ts';
import { systemCode } from '../paths.ts';

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
}

/** Reads where jobs are kept; nothing is opened yet. */
export function storageOf({ values }: Arguments, { directory, environment }: Io): Storage {
  const typed = values['database']?.[0];
  const named = typed ?? (environment['INSPAN_DATABASE'] || fileUsual);
  const option = typed === undefined ? 'INSPAN_DATABASE' : '--database';
  if (/^postgres(ql)?:/.test(named))
    return { database: named, isFile: false, name: shortAddress(named, option) };
  if (/^\w{2,}:\/\//.test(named)) {
    throw wrong(`${option} is no postgres:// address: write one, or the path of a file.`);
  }
  const database = resolve(directory, named);
  const near = relative(directory, database);
  return { database, isFile: true, name: near.startsWith('..') ? named : near };
}

function shortAddress(address: string, option: string): string {
  if (!URL.canParse(address))
    throw wrong(`${option} is no address: write postgres://user:password@host/name.`);
  const { host, pathname } = new URL(address);
  return `postgres://${host}${pathname}`;
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

function wrong(message: string): InspanError {
  return new InspanError([failure('wrong-input', message)]);
}
