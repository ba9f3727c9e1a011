import type { Json, KeyScope } from '../core/index.ts';
import type { Money } from './wire-values.ts';

/** What a job would probably use, before anything runs. */
export interface Estimate {
  /** Those the brief asks for, the lead first. */
  readonly agents: readonly ({
    readonly name: string;
    readonly model: string;
    readonly turns: number;
  } & EstimatedSums)[];
  readonly total: EstimatedSums;
  /** The most the team lets a job cost. */
  readonly budget: Money | null;
  /** Files that are too long, and what would be kept of them. */
  readonly cuts: readonly Json[];
}

interface EstimatedSums {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: Money;
  /** With all the output that limits allow. */
  readonly costMax: Money;
}

/** A team that jobs may ask for: what it takes and gives, never what its agents are told. */
export interface Team {
  readonly name: string;
  readonly digest: string;
  readonly pattern: string;
  readonly agents: readonly {
    readonly name: string;
    readonly description: string;
    readonly isLead: boolean;
    readonly model: string;
    readonly reads: readonly string[];
    /** The artifact it owes; null for a lead. */
    readonly writes: string | null;
  }[];
  /** JSON Schema of `files` and `params` of a request. */
  readonly input: Readonly<Record<string, Json>>;
  /** Result field → file, or pattern of files. */
  readonly result: Readonly<Record<string, string>>;
  /** Model name → chain of models. */
  readonly models: Readonly<Record<string, readonly string[]>>;
  /** The most a job may cost. */
  readonly budget: Money | null;
}

/** A job that comes back by the clock. */
export interface Schedule {
  readonly id: string;
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly team: string;
  /** What is asked each time. */
  readonly request: Json;
  readonly isPaused: boolean;
  readonly nextAt: string | null;
  readonly lastJob: string | null;
  readonly lastAt: string | null;
  /** Why the last one was not accepted; null when it was. */
  readonly problem: string | null;
  readonly createdAt: string;
}

/** An address that is told what happens to jobs. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** None named: all. */
  readonly events: readonly string[];
  readonly isPaused: boolean;
  readonly createdAt: string;
}

/** A webhook that was just made. */
export interface NewWebhook extends Webhook {
  /** Signs every message: see `verifyWebhook`. Shown only now. */
  readonly secret: string;
}

/** One message to one address, and every try to deliver it. */
export interface Delivery {
  /** The same at every try. */
  readonly id: string;
  readonly job: string;
  readonly event: string;
  /** What was sent, as JSON. */
  readonly payload: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: readonly {
    readonly at: string;
    /** Null where nobody answered. */
    readonly status: number | null;
    readonly elapsedMs: number;
    readonly problem: string | null;
  }[];
  readonly nextAt: string | null;
  readonly createdAt: string;
}

/** An API key, without the key itself. */
export interface ApiKey {
  readonly id: string;
  /** The first characters of the key. */
  readonly prefix: string;
  readonly label: string;
  readonly scopes: readonly KeyScope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** Within a minute. */
  readonly usedAt: string | null;
}

/** A key that was just made. */
export interface NewApiKey extends ApiKey {
  /** Shown only now. */
  readonly key: string;
}

/** Who did what. */
export interface AuditEntry {
  readonly at: string;
  /** Id of an API key, or `local`, `cli`, `schedule`. */
  readonly by: string;
  readonly action: string;
  /** Id of what it was done to. */
  readonly target: string;
  readonly detail: Json;
}
