import { fromKysely, PgBoss } from 'pg-boss';
import type { OpenedDatabase } from '../database.ts';

/** The one queue of pg-boss that is ours. */
export const bossQueue = 'inspan';

/** A job may wait for as long as it likes: 10 years, in seconds. */
const retentionSeconds = 10 * 365 * 24 * 3600;

/**
 * Makes pg-boss over our own connections. It holds entries that wait and nothing else: it supervises nothing, retries
 * nothing and starts no timers, because who works on what is the run store's to know.
 */
export function createBoss(database: OpenedDatabase, { migrate }: { readonly migrate: boolean }): PgBoss {
  const boss = new PgBoss({
    db: fromKysely(database.schema),
    migrate,
    supervise: false,
    schedule: false,
  });
  // What it reports goes wrong in a call of ours too, which tells it.
  boss.on('error', () => {});
  return boss;
}

/**
 * Makes pg-boss know its queue. It would look for it when it is first used, on a connection of its own: transactions
 * that hold all of them would wait for it, and it for them.
 */
export async function openBoss(database: OpenedDatabase): Promise<PgBoss> {
  const boss = createBoss(database, { migrate: false });
  await boss.getJobById(bossQueue, nobodysId);
  return boss;
}

/** The UUID of nothing. */
const nobodysId = '00000000-0000-0000-0000-000000000000';

/** Brings the schema of pg-boss up to date and makes our queue. Several may do it at once. */
export async function installBoss(database: OpenedDatabase): Promise<void> {
  const boss = createBoss(database, { migrate: true });
  try {
    await boss.start();
    await boss.createQueue(bossQueue, { retryLimit: 0, retentionSeconds });
  } finally {
    await boss.stop({ close: false, graceful: false });
  }
}

/** Says whether pg-boss and our queue are there, as this version needs them. */
export async function isBossReady(database: OpenedDatabase): Promise<boolean> {
  const boss = createBoss(database, { migrate: false });
  try {
    await boss.start();
    return (await boss.getQueue(bossQueue)) !== null;
  } catch (error) {
    // Its words where its tables are missing or of another version; there is no code to go by.
    if (error instanceof Error && /not installed|requires migrations/.test(error.message)) return false;
    throw error;
  } finally {
    await boss.stop({ close: false, graceful: false });
  }
}
