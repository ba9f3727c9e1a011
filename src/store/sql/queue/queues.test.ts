import { afterEach, describe, inject, it } from 'vitest';
import { systemClock } from '../../../../test/setup/clock.ts';
import type { Queue } from '../../../core/index.ts';
import { bindQueue, type QueueUnderTest, queueContract } from '../../testing.ts';
import type { OpenedDatabase, SqlTransaction } from '../database.ts';
import { openScratchPostgres, openScratchSqlite } from '../scratch.ts';
import { createBoss } from './pg-boss.ts';
import { createPgBossQueue } from './pg-boss-queue.ts';
import { createSqliteQueue } from './sqlite-queue.ts';

const opened: OpenedDatabase[] = [];

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

function underTest(database: OpenedDatabase, queue: Queue<SqlTransaction>): QueueUnderTest {
  opened.push(database);
  return {
    inTransaction: (work) => database.write((transaction) => work(bindQueue(queue, transaction))),
    now: () => database.now(),
  };
}

describe('the queue in SQLite', () => {
  for (const { promise, check } of queueContract) {
    it(promise, () =>
      check(async () => {
        const database = await openScratchSqlite(systemClock);
        return underTest(database, createSqliteQueue(database));
      }),
    );
  }
});

const url = inject('postgres');

describe.runIf(url !== null)('the queue in Postgres', () => {
  for (const { promise, check } of queueContract) {
    it(promise, () =>
      check(async () => {
        const database = await openScratchPostgres(url ?? '', systemClock);
        return underTest(database, createPgBossQueue(createBoss(database, { migrate: false }), database));
      }),
    );
  }
});
