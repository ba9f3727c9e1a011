import type { Queue, Store } from '../../core/index.ts';
import { createBlobs } from './blobs.ts';
import type { OpenedDatabase, SqlTransaction } from './database.ts';
import { createAuditStore } from './desk/audit-store.ts';
import { createKeyStore } from './desk/key-store.ts';
import { createScheduleStore } from './desk/schedule-store.ts';
import { createWebhookStore } from './desk/webhook-store.ts';
import { createRunStore } from './runs/run-store.ts';

/** Joins what survives: every part on one database. */
export function joinStore(database: OpenedDatabase, queue: Queue<SqlTransaction>): Store {
  const blobs = createBlobs(database);
  const { kind, liveness, now, ping, waitForWork, close } = database;
  return {
    kind,
    now,
    runs: createRunStore({ database, queue, liveness, blobs }),
    blobs,
    keys: createKeyStore(database),
    schedules: createScheduleStore(database),
    webhooks: createWebhookStore(database),
    audit: createAuditStore(database),
    ping,
    waitForWork,
    close,
  };
}
