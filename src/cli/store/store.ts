import { resolve } from 'node:path';
import { failure, InspanError } from '../../core/index.ts';
import type { Inspan } from '../../inspan.ts';
import type { Arguments, Command, CommandSpec, OptionSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { tell } from '../jobs/server-client.ts';
import { inspanFor } from '../serve/service-options.ts';

import {
  databaseOption,
  inNames,
  makeFolderFor,
  mustExist,
  type Storage,
  storageOf,
} from '../serve/storage.ts';
import { bytes, counted } from '../show/wording.ts';

const json: OptionSpec = Object.freeze({ value: null, purpose: 'Prints what was done as JSON.' });

const backupSpec: CommandSpec = Object.freeze({
  name: 'store backup',
  purpose: 'Copies a database file as it stands at one moment, also while a server uses it.',
  words: [{ name: 'file', required: true, purpose: 'a new file' }],
  options: { database: databaseOption, json },
  examples: ['inspan store backup /backups/inspan-monday.db'],
  notes: ['Postgres is backed up by its own means: pg_dump, or copies of its log.'],
});

const restoreSpec: CommandSpec = Object.freeze({
  name: 'store restore',
  purpose: 'Makes a copy of a database file the one that servers use.',
  words: [{ name: 'file', required: true, purpose: 'a file that store backup has made' }],
  options: {
    database: databaseOption,
    replace: { value: null, purpose: 'What is in the database now may be lost.' },
    json,
  },
  examples: ['inspan store restore /backups/inspan-monday.db --replace'],
  notes: [
    'No server may use the database meanwhile. Jobs go on from where they were when the copy was made.',
  ],
});

const vacuumSpec: CommandSpec = Object.freeze({
  name: 'store vacuum',
  purpose: 'Removes ended jobs that are older than they are kept, and what belonged to them alone.',
  words: [],
  options: {
    database: databaseOption,
    'dry-run': { value: null, purpose: 'Only says what would go.' },
    json,
  },
  examples: ['inspan store vacuum --dry-run'],
  notes: [
    'Servers do it every hour. Jobs are kept for 30 days after their end, failed ones for 90.',
    'A database file must not be in use: its server does this anyway.',
  ],
});

async function backup(given: Arguments, io: Io): Promise<number> {
  const storage = fileOf(given, io);
  const [name = ''] = given.words;
  return await withInspan(io, async (inspan) => {
    await inNames(io, () => inspan.backup({ database: storage.database, to: resolve(io.directory, name) }));
    tell(io, given, {
      json: { database: storage.name, backup: name },
      lines: [`${storage.name} is copied to ${name}.`],
    });
  });
}

async function restore(given: Arguments, io: Io): Promise<number> {
  const storage = fileOf(given, io);
  const [name = ''] = given.words;
  const replace = given.flags.has('replace');
  return await withInspan(io, async (inspan) => {
    await makeFolderFor(storage);
    const from = resolve(io.directory, name);
    await inNames(io, () => inspan.restore({ from, database: storage.database, replace })).catch(
      (error: unknown) => {
        throw withReplace(error);
      },
    );
    tell(io, given, {
      json: { database: storage.name, backup: name },
      lines: [`${storage.name} is what ${name} holds.`],
    });
  });
}

/** The option by which a person says that a file may be replaced is this command's to name. */
function withReplace(error: unknown): unknown {
  if (!(error instanceof InspanError)) return error;
  return new InspanError(
    error.failures.map((each) => ({
      ...each,
      message: each.message.replace('Say that it may be replaced', 'Say --replace if it may be lost'),
    })),
  );
}

async function vacuum(given: Arguments, io: Io): Promise<number> {
  const storage = storageOf(given, io);
  const dryRun = given.flags.has('dry-run');
  await mustExist(storage);
  return await withInspan(io, async (inspan) => {
    const options = { database: storage.database, teams: [], report: () => {} };
    const service = await inNames(io, () => inspan.openService(options));
    try {
      const gone = await service.vacuum({ dryRun });
      const what = `${counted(gone.jobs.length, 'job')} and ${counted(gone.blobs, 'blob')} of ${bytes(gone.bytesSize)}`;
      tell(io, given, { json: { ...gone, dryRun }, lines: [`${what} ${dryRun ? 'would go' : 'are gone'}.`] });
    } finally {
      await service.close();
    }
  });
}

function fileOf(given: Arguments, io: Io): Storage {
  const storage = storageOf(given, io);
  if (storage.isFile) return storage;
  const message = `${storage.name} is no file: back Postgres up by its own means, pg_dump for example.`;
  throw new InspanError([failure('wrong-input', message)]);
}

async function withInspan(io: Io, use: (inspan: Inspan) => Promise<void>): Promise<number> {
  const inspan = await inspanFor({ model: null }, io);
  try {
    await use(inspan);
    return exitCodes.done;
  } finally {
    await inspan.close();
  }
}

/** What can be done with what is kept. */
export const storeCommands: readonly Command[] = Object.freeze([
  { spec: backupSpec, run: backup },
  { spec: restoreSpec, run: restore },
  { spec: vacuumSpec, run: vacuum },
]);
