import { type Blobs, hashBytes } from '../../core/index.ts';
import type { SqlDatabase } from './database.ts';

/** Blobs kept by one statement, and their bytes: enough to save round trips, little enough to hold in memory. */
const togetherMax = 64;
const bytesMax = 8 * 2 ** 20;
/** Hashes asked for by one statement. */
const askedMax = 500;

interface Waiting {
  readonly hash: string;
  readonly bytes: Uint8Array;
  resolve(hash: string): void;
  reject(reason: unknown): void;
}

/** Blobs in a table. Those that come together are kept by one statement. */
export function createBlobs(database: SqlDatabase): Blobs {
  let waiting: Waiting[] = [];
  let isWorking = false;
  const keepAll = async (): Promise<void> => {
    isWorking = true;
    // In a moment, so that what comes with it is kept with it.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, countTogether(waiting));
      waiting = waiting.slice(batch.length);
      await keepTogether(database, batch);
    }
    isWorking = false;
  };
  return {
    put: (bytes) =>
      new Promise((resolve, reject) => {
        waiting.push({ hash: hashBytes(bytes), bytes, resolve, reject });
        if (!isWorking) void keepAll();
      }),
    get: async (hash) => (await readAll(database, [hash])).get(hash) ?? null,
    getAll: (hashes) => readAll(database, hashes),
  };
}

function countTogether(waiting: readonly Waiting[]): number {
  let size = 0;
  const end = waiting.findIndex(({ bytes }, index) => {
    size += bytes.length;
    return index === togetherMax || (index > 0 && size > bytesMax);
  });
  return end === -1 ? waiting.length : end;
}

async function keepTogether(database: SqlDatabase, batch: readonly Waiting[]): Promise<void> {
  const byHash = new Map(batch.map(({ hash, bytes }) => [hash, bytes]));
  const at = database.now();
  const rows = [...byHash]
    // All writers lock rows in one order, so none waits for another in a circle.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hash, bytes]) => ({ hash, bytes, size: bytes.length, at }));
  try {
    await database.write((transaction) =>
      transaction
        .insertInto('blobs')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('hash').doUpdateSet((is) => ({ at: is.ref('excluded.at') })),
        )
        .execute(),
    );
  } catch (error) {
    for (const { reject } of batch) reject(error);
    return;
  }
  for (const { hash, resolve } of batch) resolve(hash);
}

async function readAll(
  { read }: SqlDatabase,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (let from = 0; from < hashes.length; from += askedMax) {
    const some = hashes.slice(from, from + askedMax);
    const rows = await read.selectFrom('blobs').select(['hash', 'bytes']).where('hash', 'in', some).execute();
    // Drivers give their own kinds of bytes: they are told alike.
    for (const { hash, bytes } of rows) found.set(hash, new Uint8Array(bytes));
  }
  return found;
}
