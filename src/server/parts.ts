import type { ApiKey, Clock, Hot, KeyScope, Result, Store } from '../core/index.ts';
import type { JobDesk } from '../jobs/index.ts';
import type { ServerLimits } from './limits.ts';

/** What a server is made of; whoever starts one joins it. */
export interface ServerParts {
  /** The only way to jobs. */
  readonly desk: JobDesk;
  readonly store: Pick<Store, 'keys' | 'webhooks' | 'ping'>;
  readonly hot: Pick<Hot, 'takeTokens' | 'isReachable'>;
  readonly clock: Clock;
  readonly keys: ServerKeys;
  /** A new id without a prefix. */
  newId(): string;
  /** Random bytes that nobody can guess. */
  randomBytes(size: number): Uint8Array;
  readonly metrics: MetricsSource;
  readonly options: ServerOptions;
  /** Tells the operator what nobody expected, in one line. */
  report(line: string): void;
  /** Notes an answered request. */
  log(line: AccessLine): void;
}

/** A database file belongs to one process; Postgres to any number. */
export type StorageKind = 'file' | 'postgres';

/** How a server behaves where that is a choice. */
export interface ServerOptions {
  /** True on loopback: until the first key is made, whoever reaches the server may use it. */
  readonly isOpen: boolean;
  /** What jobs and keys are kept in: texts say how a key is made there. */
  readonly storage: StorageKind;
  /** Pages of these origins (`https://app.example.org`) may call it from a browser. */
  readonly allowedOrigins: readonly string[];
  /** True: `/metrics` asks for no key. */
  readonly hasOpenMetrics: boolean;
  /** True: webhooks may go to this machine and its private networks, too. */
  readonly hasPrivateWebhooks: boolean;
  readonly limits: ServerLimits;
}

/** What the server needs of API keys. */
export interface ServerKeys {
  /** Refuses (`wrong-input`) a key that ends before it begins, and one that would leave nobody to make others. */
  make(want: {
    readonly tenant: string;
    readonly label: string;
    readonly scopes: readonly KeyScope[];
    readonly expiresAtMs: number | null;
  }): Promise<Result<NewKey>>;
  check(presented: string): Promise<Result<ApiKey>>;
  rotate(id: string, options: { readonly graceMs: number }): Promise<Result<NewKey>>;
  revoke(id: string): Promise<Result<ApiKey>>;
}

/** A key that was just made: `key` is known to nobody else, and never again. */
export interface NewKey {
  readonly key: string;
  readonly record: ApiKey;
}

/** What the process knows of itself. */
export interface MetricsSource {
  /** Jobs that the workers of this process hold; null where it has none. */
  runningJobs(): number | null;
}

/** One answered request: facts for a log, never a body, a query value or a key. */
export interface AccessLine {
  readonly method: string;
  /** The pattern of the route; null where none was found. */
  readonly route: string | null;
  readonly status: number;
  readonly elapsedMs: number;
  readonly requestId: string;
  /** Id of the key; null where none was shown, or a wrong one. */
  readonly key: string | null;
}
