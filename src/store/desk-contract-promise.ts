import assert from 'node:assert/strict';
import {
  type AuditStore,
  InspanError,
  type KeyStore,
  type ScheduleStore,
  type WebhookStore,
} from '../core/index.ts';

/** One promise of the stores around jobs and the check that holds it. */
export interface DeskPromise {
  readonly promise: string;
  /** `open` gives stores with nothing in them. */
  check(open: () => Promise<DeskStores>): Promise<void>;
}

/** The stores for what stands around jobs. */
export interface DeskStores {
  readonly keys: KeyStore;
  readonly schedules: ScheduleStore;
  readonly webhooks: WebhookStore;
  readonly audit: AuditStore;
}

/** Checks that cursors which no page gave are refused in one line. */
export async function refusesCursors(list: (cursor: string) => Promise<unknown>): Promise<void> {
  const written = ['[1]', '[1,"a\\u0000"]', '[1e300,"0"]', '{}'].map((json) =>
    Buffer.from(json).toString('base64url'),
  );
  for (const cursor of ['', '7', 'nonsense', ...written]) {
    await assert.rejects(list(cursor), (error) => {
      assert(error instanceof InspanError);
      return error.failures[0]?.code === 'wrong-input' && !error.message.includes('\n');
    });
  }
}
