import { type Blobs, hashBytes } from '../../core/index.ts';
import type { SqlDatabase, SqlTransaction } from './database.ts';
import { isOneOf, readTogether } from './runs/read-together.ts';

/** Blobs kept by one statement, and their bytes: enough to save round trips, little enough to hold in memory. */
const togetherMax = 64;
const bytesMax = 8 * 2 ** 20;
/** Rows of one statement: four parameters each, far below what a statement may have (SQLite: 32,766). */
const rowsMax = 1000;
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
    ...createReading(database),
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
  const contents = new Map(batch.map(({ hash, bytes }) => [hash, bytes]));
  try {
    await database.write((transaction) => insertBlobs(transaction, contents, database.now()));
  } catch (error) {
    for (const { reject } of batch) reject(error);
    return;
  }
  for (const { hash, resolve } of batch) resolve(hash);
}

/** In Postgres, what several ask for together is read together; in SQLite a list is read as it comes. */
function createReading(database: SqlDatabase): Pick<Blobs, 'get' | 'getAll'> {
  const get = readTogether<string, Uint8Array | null>(database, {
    asksMax: askedMax,
    async run(hashes) {
      const found = await readAll(database, hashes);
      return hashes.map((hash) => found.get(hash) ?? null);
    },
  });
  if (database.kind === 'sqlite') return { get, getAll: (hashes) => readAll(database, hashes) };
  return {
    get,
    async getAll(hashes) {
      const all = await Promise.all(hashes.map(async (hash) => [hash, await get(hash)] as const));
      return new Map(all.flatMap(([hash, bytes]) => (bytes === null ? [] : [[hash, bytes]])));
    },
  };
}

/** Keeps contents, by their hashes, in a transaction; what is there already is young again. */
export async function insertBlobs(
  transaction: SqlTransaction,
  contents: ReadonlyMap<string, Uint8Array>,
  at: number,
): Promise<void> {
  const rows = [...contents]
    // All writers lock rows in one order, so none waits for another in a circle.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hash, bytes]) => ({ hash, bytes, size: bytes.length, at }));
  for (let from = 0; from < rows.length; from += rowsMax) {
    await transaction
      .insertInto('blobs')
      .values(rows.slice(from, from + rowsMax))
      .onConflict((conflict) => conflict.column('hash').doUpdateSet((is) => ({ at: is.ref('excluded.at') })))
      .execute();
  }
}

async function readAll(
  database: SqlDatabase,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (let from = 0; from < hashes.length; from += askedMax) {
    const rows = await database.read
      .selectFrom('blobs')
      .select(['hash', 'bytes'])
      .where(isOneOf(database, 'hash', hashes.slice(from, from + askedMax)))
      .execute();
    // Drivers give their own kinds of bytes: they are told alike.
    for (const { hash, bytes } of rows) found.set(hash, new Uint8Array(bytes));
  }
  return found;
}
