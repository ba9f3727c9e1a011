import type { Json, KeyScope } from '../core/index.ts';

/** What a person asks for. */
export interface Brief {
  /** In their own words. */
  readonly text?: string | undefined;
  /** Files by the name agents know them under: text, or bytes in base64. Large ones: see `CreateOptions.files`. */
  readonly files?: Readonly<Record<string, string | { readonly base64: string }>> | undefined;
  /** Parameters of the team. */
  readonly params?: Readonly<Record<string, Json>> | undefined;
}

/** What is asked of a team, and on what terms. Times are ISO 8601 with `Z` or an offset. */
export interface JobRequest extends Brief {
  readonly team: string;
  /** From -100 to 100; higher goes first. Default: 0. */
  readonly priority?: number | undefined;
  /** It is not begun before. */
  readonly notBefore?: string | undefined;
  /** It ends as `expired` when it has not ended by then. */
  readonly deadlineAt?: string | undefined;
  /** Your own words, for finding it again. At most 32. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** One model for all agents. */
  readonly model?: string | undefined;
}

/** What a fork does otherwise than the job it is made from. */
export interface ForkRequest {
  /** Key of the first step that is done anew. */
  readonly step: string;
  /** One model for all agents. */
  readonly model?: string | undefined;
  /** Agent → its prompt instead. */
  readonly prompts?: Readonly<Record<string, string>> | undefined;
  /** Skill → its text instead. */
  readonly skills?: Readonly<Record<string, string>> | undefined;
  /** Another brief; the old files are kept where it brings none. */
  readonly brief?: Brief | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A schedule to make. */
export interface ScheduleRequest {
  /** Unique among your schedules. */
  readonly name: string;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name. Default: `UTC`. */
  readonly timeZone?: string | undefined;
  readonly request: JobRequest;
}

/** What a webhook may be told. */
export type WebhookTopic = 'job.succeeded' | 'job.failed' | 'job.cancelled' | 'job.expired' | 'job.parked';

/** A webhook to make. */
export interface WebhookRequest {
  readonly url: string;
  /** Which ones it is told; none named: all. */
  readonly events?: readonly WebhookTopic[] | undefined;
}

/** What may be changed of a webhook. */
export interface WebhookChange {
  readonly url?: string | undefined;
  readonly events?: readonly WebhookTopic[] | undefined;
  readonly isPaused?: boolean | undefined;
}

/** A key to make. */
export interface KeyRequest {
  /** What it is for, in your own words. */
  readonly label: string;
  readonly scopes: readonly KeyScope[];
  /** Default: never. */
  readonly expiresAt?: string | undefined;
}
