import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { tell } from '../jobs/server-client.ts';
import { inspanFor } from '../serve/service-options.ts';

import { databaseOption, inNames, makeFolderFor, storageOf } from '../serve/storage.ts';

/** How `inspan migrate` is called. */
export const migrateSpec: CommandSpec = Object.freeze({
  name: 'migrate',
  purpose: 'Brings the tables of a database up to date.',
  words: [],
  options: {
    database: databaseOption,
    'dry-run': { value: null, purpose: 'Only says what would be done.' },
    json: { value: null, purpose: 'Prints the names of the changes as JSON.' },
  },
  examples: ['inspan migrate --database postgres://inspan@db/inspan'],
  notes: [
    'Servers and workers do it at their start, any number of them at once; this is for doing it before.',
  ],
});

/** Brings the tables of a database up to date. */
export async function migrate(given: Arguments, io: Io): Promise<number> {
  const storage = storageOf(given, io);
  const dryRun = given.flags.has('dry-run');
  const inspan = await inspanFor({ model: null }, io);
  try {
    if (!dryRun) await makeFolderFor(storage);
    const changes = await inNames(io, () => inspan.migrate({ database: storage.database, dryRun }));
    const verb = dryRun ? 'would be made' : 'made';
    const lines =
      changes.length === 0
        ? [`${storage.name} is up to date.`]
        : [`Changes ${verb} in ${storage.name}:`, ...changes.map((name) => `  ${name}`)];
    tell(io, given, { json: { database: storage.name, dryRun, changes }, lines });
    return exitCodes.done;
  } finally {
    await inspan.close();
  }
}
