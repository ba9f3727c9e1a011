import type { Generated } from 'kysely';

/**
 * The tables, the same in both dialects. Times are ms since 1970; yes and no are 1 and 0; JSON is text, because
 * nothing ever looks into it with SQL.
 */
export interface Tables {
  readonly jobs: JobsTable;
  readonly job_labels: JobLabelsTable;
  readonly steps: StepsTable;
  readonly events: EventsTable;
  readonly files: FilesTable;
  readonly signals: SignalsTable;
  readonly teams: TeamsTable;
  readonly blobs: BlobsTable;
  readonly blob_uses: BlobUsesTable;
  readonly workers: WorkersTable;
  /** The line of jobs in SQLite; in Postgres that is pg-boss. */
  readonly queue: QueueTable;
  readonly api_keys: ApiKeysTable;
  readonly schedules: SchedulesTable;
  readonly webhooks: WebhooksTable;
  readonly deliveries: DeliveriesTable;
  readonly audit: AuditTable;
}

/** One row a job. */
export interface JobsTable {
  /** Names the job in `steps` and `events`, which would be much larger with its id. */
  number: Generated<number>;
  id: string;
  tenant: string;
  team: string;
  digest: string;
  state: string;
  version: number;
  epoch: number;
  attempts: number;
  priority: number;
  created_at: number;
  not_before: number | null;
  deadline_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  worker: string | null;
  cancel_asked: number;
  /** JSON list of `Wait`. */
  waits: string;
  /** The earliest `untilMs` of `waits`. */
  wake_at: number | null;
  failure: string | null;
  /** JSON: a number or `"unknown"`. */
  cost: string | null;
  estimate: string | null;
  patch: string | null;
  forked_from: string | null;
  labels: string;
  idempotency_key: string | null;
  body_hash: string | null;
  by_whom: string;
  /** Hash of the blob that holds the accepted brief and the files it began with, as JSON. */
  brief: string;
  /** Hash of the blob that holds the `JobOutput` as JSON. */
  output: string | null;
  /** Place of the newest event. */
  event_seq: number;
  /** Workers lost in a row, none of which finished a step of it. */
  losses: number;
}

/** The labels of `jobs.labels` once more, one row each, for finding jobs by them. */
export interface JobLabelsTable {
  job: string;
  name: string;
  value: string;
}

/** One row a record of a journal. */
export interface StepsTable {
  seq: Generated<number>;
  job_number: number;
  epoch: number;
  at: number;
  inherited: number;
  key: string;
  type: string;
  /** JSON; large parts stand in blobs. */
  record: string;
}

/** One row an event of a job's stream. */
export interface EventsTable {
  job_number: number;
  seq: number;
  at: number;
  body: string;
}

/** The newest version of each file. */
export interface FilesTable {
  job: string;
  path: string;
  hash: string;
  size: number;
  version: number;
}

/** Values from outside. */
export interface SignalsTable {
  place: Generated<number>;
  job: string;
  name: string;
  /** The one wait it is for. */
  key: string | null;
  value: string;
  /** Given by whoever sent it; unique for a job. */
  signal_id: string | null;
  by_whom: string;
  at: number;
  /** Key of the wait that took it. */
  taken_by: string | null;
}

/** Definitions by digest. */
export interface TeamsTable {
  digest: string;
  name: string;
  definition: string;
  tool_code: string;
  at: number;
}

/** Bytes by their hash. */
export interface BlobsTable {
  hash: string;
  bytes: Uint8Array;
  size: number;
  at: number;
}

/** Which job names which blob. A blob that nobody names goes when its grace is over. */
export interface BlobUsesTable {
  job: string;
  hash: string;
}

/** Workers that are or were alive. */
export interface WorkersTable {
  id: string;
  concurrency: number;
  lease_ms: number;
  lease_until: number;
  started_at: number;
}

/** Jobs in line. */
export interface QueueTable {
  place: Generated<number>;
  job: string;
  tenant: string;
  /** What goes first, before age: see `rankOf`. */
  priority: number;
  not_before: number | null;
}

/** API keys, by their hash. */
export interface ApiKeysTable {
  id: string;
  tenant: string;
  prefix: string;
  hash: string;
  label: string;
  scopes: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  used_at: number | null;
}

/** Jobs that come back by the clock. */
export interface SchedulesTable {
  id: string;
  tenant: string;
  name: string;
  cron: string;
  time_zone: string;
  team: string;
  request: string;
  is_paused: number;
  next_at: number | null;
  last_job: string | null;
  last_at: number | null;
  problem: string | null;
  created_at: number;
}

/** Addresses that are told what happens. */
export interface WebhooksTable {
  id: string;
  tenant: string;
  url: string;
  secret: string;
  events: string;
  is_paused: number;
  created_at: number;
}

/** Messages to addresses. */
export interface DeliveriesTable {
  place: Generated<number>;
  id: string;
  webhook: string;
  tenant: string;
  job: string;
  event: string;
  payload: string;
  state: string;
  attempts: string;
  next_at: number | null;
  created_at: number;
}

/** Who did what. */
export interface AuditTable {
  place: Generated<number>;
  at: number;
  tenant: string;
  by_whom: string;
  action: string;
  target: string;
  detail: string;
}
