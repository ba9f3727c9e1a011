import type { AuditStore, KeyStore, ScheduleStore, WebhookStore } from '../core/index.ts';

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
