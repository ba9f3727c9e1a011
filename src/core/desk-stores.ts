import type { Json } from './json.ts';
import type { Page } from './run-store.ts';

/** What a key may be used for. `admin` includes all others. */
export const keyScopes = [
  'jobs:read',
  'jobs:write',
  'signals:write',
  'schedules:write',
  'webhooks:write',
  'admin',
] as const;

/** One thing a key may be used for. */
export type KeyScope = (typeof keyScopes)[number];

/** An API key as it is kept: never the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  /** What a person recognizes it by: the first characters of the key. */
  readonly prefix: string;
  /** SHA-256 of the whole key, hex: keys are long and random, so a slow hash would add nothing. */
  readonly hash: string;
  readonly label: string;
  readonly scopes: readonly KeyScope[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** Within a minute. */
  readonly usedAtMs: number | null;
}

/** Where API keys are kept. */
export interface KeyStore {
  add(key: ApiKey): Promise<void>;
  /** Also those that are revoked or have expired: whoever asks says why they are refused. */
  findByHash(hash: string): Promise<ApiKey | null>;
  /** Of one tenant, or of all where it is null; newest first. */
  list(tenant: string | null): Promise<readonly ApiKey[]>;
  /** Gives the key as it is now; null where there is none of that id. */
  revoke(id: string, atMs: number): Promise<ApiKey | null>;
  /** Ends a key at a time, so that its successor can take over before. */
  expire(id: string, atMs: number): Promise<ApiKey | null>;
  markUsed(id: string, atMs: number): Promise<void>;
  /** True once any key was made. */
  any(): Promise<boolean>;
}

/** A job that comes back by the clock. */
export interface Schedule {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  readonly team: string;
  /** The body of a job request, as it was given. */
  readonly request: Json;
  readonly isPaused: boolean;
  /** Null once it never comes again. */
  readonly nextAtMs: number | null;
  readonly lastJob: string | null;
  readonly lastAtMs: number | null;
  /** Why the last one was not accepted, in one line; null when it was. */
  readonly problem: string | null;
  readonly createdAtMs: number;
}

/** Where schedules are kept. Names are unique for a tenant. */
export interface ScheduleStore {
  /** False where the tenant has one of this name already. */
  add(schedule: Schedule): Promise<boolean>;
  find(tenant: string, id: string): Promise<Schedule | null>;
  list(tenant: string): Promise<readonly Schedule[]>;
  /** Replaces what it names; null where there is none. */
  change(
    tenant: string,
    id: string,
    change: Partial<Pick<Schedule, 'isPaused' | 'nextAtMs'>>,
  ): Promise<Schedule | null>;
  remove(tenant: string, id: string): Promise<boolean>;
  /** Those of all tenants whose time has come and that are not paused. */
  due(nowMs: number, limit: number): Promise<readonly Schedule[]>;
  /** Moves one on, once: false where somebody else did (`from` is no longer its `nextAtMs`). */
  moveOn(
    id: string,
    from: number,
    to: Pick<Schedule, 'nextAtMs' | 'lastJob' | 'lastAtMs' | 'problem'>,
  ): Promise<boolean>;
}

/** An address that is told what happens to jobs. */
export interface Webhook {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks wants it. Shown once. */
  readonly secret: string;
  /** `job.succeeded`, `job.failed` …; empty: all. */
  readonly events: readonly string[];
  readonly isPaused: boolean;
  readonly createdAtMs: number;
}

/** One message to one address, and every try to deliver it. */
export interface Delivery {
  /** The message's id, the same at every try. */
  readonly id: string;
  readonly webhook: string;
  readonly tenant: string;
  readonly job: string;
  readonly event: string;
  readonly payload: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: readonly DeliveryAttempt[];
  readonly nextAtMs: number | null;
  readonly createdAtMs: number;
}

/** One try. */
export interface DeliveryAttempt {
  readonly atMs: number;
  /** Null where nobody answered. */
  readonly status: number | null;
  readonly elapsedMs: number;
  /** One line; null when it was taken. */
  readonly problem: string | null;
}

/** How many deliveries are wanted, and of which webhooks: a slow one must not hold up the others. */
export interface DeliveryWant {
  readonly limit: number;
  readonly perWebhookMax: number;
  /** Ids of webhooks whose deliveries stay. */
  readonly without: readonly string[];
}

/** Where webhooks and their deliveries are kept. */
export interface WebhookStore {
  add(webhook: Webhook): Promise<void>;
  find(tenant: string, id: string): Promise<Webhook | null>;
  list(tenant: string): Promise<readonly Webhook[]>;
  change(
    tenant: string,
    id: string,
    change: Partial<Pick<Webhook, 'isPaused' | 'secret' | 'url' | 'events'>>,
  ): Promise<Webhook | null>;
  remove(tenant: string, id: string): Promise<boolean>;
  /** Keeps deliveries to make; one whose id is there already changes nothing. */
  enqueue(deliveries: readonly Delivery[]): Promise<void>;
  /** Takes deliveries whose time has come, so that nobody else makes them for `leaseMs`. None of paused webhooks. */
  take(nowMs: number, leaseMs: number, want: DeliveryWant): Promise<readonly Delivery[]>;
  /** Keeps a try and what comes next. */
  keepAttempt(
    id: string,
    attempt: DeliveryAttempt,
    next: Pick<Delivery, 'state' | 'nextAtMs'>,
  ): Promise<void>;
  /** Newest first. Throws an `InspanError` (`wrong-input`) for a cursor that no page gave. */
  deliveries(
    tenant: string,
    webhook: string,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<Page<Delivery>>;
  /** Makes one due again; null where the tenant's webhook has none of that id. */
  redeliver(
    tenant: string,
    which: { readonly webhook: string; readonly id: string },
    nowMs: number,
  ): Promise<Delivery | null>;
}

/** Who did what. */
export interface AuditEntry {
  readonly atMs: number;
  readonly tenant: string;
  /** Id of an API key, or a word: `local`, `cli`, `schedule`. */
  readonly by: string;
  /** `job.accept`, `job.cancel`, `key.create` … */
  readonly action: string;
  /** Id of what it was done to. */
  readonly target: string;
  /** Never a key, a prompt or a file. */
  readonly detail: Json;
}

/** Where the audit log is kept. It only grows. */
export interface AuditStore {
  add(entry: AuditEntry): Promise<void>;
  /** Newest first. Throws an `InspanError` (`wrong-input`) for a cursor that no page gave. */
  list(tenant: string, page: { readonly cursor?: string; readonly limit: number }): Promise<Page<AuditEntry>>;
}
