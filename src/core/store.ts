import type { Blobs } from './blobs.ts';
import type { AuditStore, KeyStore, ScheduleStore, WebhookStore } from './desk-stores.ts';
import type { RunStore } from './run-store.ts';

/** Everything that survives, behind ports: one SQLite file, or one Postgres. */
export interface Store {
  readonly runs: RunStore;
  readonly blobs: Blobs;
  readonly keys: KeyStore;
  readonly schedules: ScheduleStore;
  readonly webhooks: WebhookStore;
  readonly audit: AuditStore;
  /** `sqlite` or `postgres`, for people. */
  readonly kind: 'sqlite' | 'postgres';
  /** ms since 1970 by the store's clock: the only one that times in it may be compared with. */
  now(): number;
  /** Resolves when the store answers; rejects with what is wrong. */
  ping(): Promise<void>;
  /** Resolves soon after somebody may have put a job in line, at `ms` at the latest, or when the signal fires. */
  waitForWork(ms: number, signal: AbortSignal): Promise<void>;
  /** Finishes what is under way and lets go. */
  close(): Promise<void>;
}
