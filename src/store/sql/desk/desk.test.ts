import { afterAll, beforeAll, beforeEach, describe, inject, it } from 'vitest';
import { type DeskStores, deskContract } from '../../testing.ts';
import type { OpenedDatabase, SqlDatabase } from '../database.ts';
import { openScratchPostgres, openScratchSqlite } from '../scratch.ts';
import { createAuditStore } from './audit-store.ts';
import { createKeyStore } from './key-store.ts';
import { createScheduleStore } from './schedule-store.ts';
import { createWebhookStore } from './webhook-store.ts';

const clock = { now: () => 1_700_000_000_000, sleep: async () => {} };
const postgres = inject('postgres');

describe('the stores around jobs in SQLite', () => {
  keepsPromises(() => openScratchSqlite(clock));
});

describe.runIf(postgres !== null)('the stores around jobs in Postgres', () => {
  keepsPromises(() => openScratchPostgres(postgres ?? '', clock));
});

function keepsPromises(open: () => Promise<OpenedDatabase>): void {
  let database: OpenedDatabase;
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(() => empty(database));
  afterAll(() => database.close());

  for (const { promise, check } of deskContract) it(promise, () => check(async () => storesOf(database)));
}

function storesOf(database: SqlDatabase): DeskStores {
  return {
    keys: createKeyStore(database),
    schedules: createScheduleStore(database),
    webhooks: createWebhookStore(database),
    audit: createAuditStore(database),
  };
}

async function empty({ write }: SqlDatabase): Promise<void> {
  await write(async (transaction) => {
    for (const table of ['api_keys', 'schedules', 'webhooks', 'deliveries', 'audit'] as const)
      await transaction.deleteFrom(table).execute();
  });
}
