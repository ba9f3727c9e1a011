import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../../test/setup/clock.ts';
import { blobsContract } from '../testing.ts';
import { createBlobs } from './blobs.ts';
import type { OpenedDatabase } from './database.ts';
import { openScratchPostgres, openScratchSqlite } from './scratch.ts';

const opened: OpenedDatabase[] = [];

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

const url = inject('postgres');

describe('blobs in SQLite', () => {
  for (const { promise, check } of blobsContract) {
    it(promise, () => check(async () => createBlobs(await openSqlite())));
  }

  it('keeping bytes again makes them young', async () => {
    let nowMs = 1000;
    const database = await openSqlite({ ...systemClock, now: () => nowMs });
    const blobs = createBlobs(database);
    await blobs.put(new Uint8Array([1]));
    nowMs = 5000;
    await blobs.put(new Uint8Array([1]));
    const rows = await database.read.selectFrom('blobs').select(['size', 'at']).execute();
    expect(rows).toMatchObject([{ size: 1, at: 5000 }]);
  });
});

describe.runIf(url !== null)('blobs in Postgres', () => {
  for (const { promise, check } of blobsContract) {
    it(promise, () =>
      check(async () => {
        const database = await openScratchPostgres(url ?? '', systemClock);
        opened.push(database);
        return createBlobs(database);
      }),
    );
  }
});

async function openSqlite(clock = systemClock): Promise<OpenedDatabase> {
  const database = await openScratchSqlite(clock);
  opened.push(database);
  return database;
}
