import type { Failure } from './failure.ts';
import type {
  EndedState,
  JobOutput,
  JobPatch,
  JobRecord,
  JobState,
  StoredEvent,
  StoredStep,
  UnnumberedEvent,
} from './job-record.ts';
import type { StepRecord } from './journal.ts';
import type { Json } from './json.ts';
import type { Result } from './result.ts';
import type { Wait } from './wait.ts';
import type { FileInfo } from './workspace.ts';

/**
 * The truth about jobs. Everything that resolves has been kept for good. Times are ms of the store's own clock.
 * *At-least-once execution over exactly-once recording; exactly one terminal outcome.*
 * Methods reject only when the storage itself fails; whatever can be expected is a value.
 * What somebody does to a job (accept, cancel, retry, fork, signal) is in the audit log as soon as it is done.
 */
export interface RunStore {
  /** Keeps a job, what it brings and its place in the queue in one transaction. */
  accept(job: NewJob): Promise<Accepted>;
  /** Null for an id that the tenant does not have: also where another one has it. */
  find(tenant: string, id: string): Promise<JobRecord | null>;
  /** As `find`, and how many events the job's stream has: whoever knows as many need not read it. */
  glance(tenant: string, id: string): Promise<Glance | null>;
  /** The job that was accepted under an idempotency key, and the hash of its body; null where there is none. */
  findByKey(
    tenant: string,
    key: string,
  ): Promise<{ readonly job: JobRecord; readonly bodyHash: string } | null>;
  /** Newest first. */
  list(tenant: string, query: JobQuery): Promise<Page<JobRecord>>;
  /** How many jobs stand where; of all tenants where it is null. */
  count(tenant: string | null): Promise<Readonly<Record<JobState, number>>>;
  /** What the job was asked for, as it was accepted. */
  brief(id: string): Promise<Json>;
  /** Null while it has not ended. */
  output(id: string): Promise<JobOutput | null>;
  /** The newest version of each file, sorted by path; grows while the job runs. The bytes are blobs, by hash. */
  files(id: string): Promise<readonly FileInfo[]>;
  /** Steps after a place in the journal, oldest first. */
  steps(id: string, after: number, limit: number): Promise<readonly StoredStep[]>;
  /** Events after a place in the stream, oldest first. */
  events(id: string, after: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The last event of a stream; null for an id that there is not. */
  newestEvent(id: string): Promise<StoredEvent | null>;
  /** Keeps the definition that a digest names; keeping it again only makes it young, so that no vacuum takes it. */
  keepTeam(digest: string, team: StoredTeam): Promise<void>;
  team(digest: string): Promise<StoredTeam | null>;

  /** Ends a queued or parked job at once; asks the worker of a running one. `wrong-state` once it has ended. */
  cancel(tenant: string, id: string, asked: Asked): Promise<Result<JobRecord>>;
  /** Queues a failed, cancelled or expired job again: it goes on from where it stopped. Else `wrong-state`. */
  retry(tenant: string, id: string, asked: Asked): Promise<Result<JobRecord>>;
  /** Accepts a job that begins with the records of another one before a step, its files included. */
  fork(tenant: string, fork: NewFork): Promise<Result<JobRecord>>;
  /**
   * Keeps a value for whoever waits for it, now or later; queues a job that is parked on it, in the same transaction.
   * `wrong-state` once the job has ended. With an id, a second one with the same id changes nothing.
   */
  signal(tenant: string, id: string, signal: NewSignal): Promise<Result<JobRecord>>;
  /** The oldest unused value for a wait: one that names its key, else one that names only its signal. */
  takeSignal(id: string, wait: Pick<Wait, 'key' | 'signal'>): Promise<{ readonly value: Json } | null>;

  /** Makes a worker known, and alive until it retires, is seen dead, or has not beaten for its lease. */
  enrol(worker: NewWorker): Promise<void>;
  /** Extends the lease and says what the worker holds. A worker that was given up gets `alive: false`: it holds nothing. */
  beat(worker: string): Promise<Beat>;
  /** The worker is gone: what it still held is queued again. */
  retire(worker: string): Promise<void>;
  /**
   * Gives jobs to a worker, each under a new epoch: fairly between tenants, then by priority, then what was begun
   * before, then by age.
   */
  claim(worker: string, want: ClaimWant): Promise<readonly Claim[]>;
  /**
   * Queues again what dead workers held, under a higher epoch; ends what somebody asked the end of. Gives the ids of all.
   * A job that loses `lossesMax` workers in a row, none of which finished a step of it, fails with `worker-lost`.
   */
  reclaim(): Promise<readonly string[]>;
  /**
   * Does what the time has come for: queues jobs whose waits ran out, expires those past their deadline. A running one is
   * its worker's to end: it expires here only when it is still running half a minute later.
   */
  tend(): Promise<readonly JobRecord[]>;

  /** Everything recorded for a job, oldest first. */
  records(id: string): Promise<readonly StoredStep[]>;
  /**
   * Keeps a record, unless the lease is over. Records of one job are kept in the order of the calls: one that cannot be
   * kept takes along all that were handed in before its caller knew.
   */
  append(lease: Lease, record: StepRecord): Promise<'kept' | 'fenced'>;
  /**
   * Keeps events in their order and gives them their places, each with the time it says it happened at (never after
   * now, nor before the one before it); null when the lease is over.
   */
  emit(lease: Lease, events: readonly UnnumberedEvent[]): Promise<readonly StoredEvent[] | null>;
  /**
   * Ends, parks or hands over a job, unless the lease is over: null then. A job that parks on a signal which has come
   * meanwhile is queued at once; one that parks or is handed over although somebody asked for its end is cancelled.
   */
  settle(lease: Lease, ending: Ending): Promise<Settled | null>;

  /** What retention would remove, or has removed: old ended jobs and what belongs to them alone. */
  vacuum(retention: Retention): Promise<Vacuumed>;
}

/** Why something is done to a job, and by whom. Its stream tells the one, the audit log the other. */
export interface Asked {
  readonly why: string;
  readonly by: string;
}

/** A job to accept; checked and sized before. */
export interface NewJob {
  readonly id: string;
  readonly tenant: string;
  readonly team: string;
  readonly digest: string;
  readonly brief: Json;
  /** Files it begins with: already kept as blobs, or brought in `contents`. */
  readonly seeds: readonly FileInfo[];
  /** What its seeds name and is not kept yet: kept with the job. */
  readonly contents?: readonly Uint8Array[];
  readonly priority: number;
  readonly notBeforeMs: number | null;
  readonly deadlineAtMs: number | null;
  /** Unique for a tenant. The same key with the same body is the same job. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null;
  readonly estimate: Json | null;
  readonly patch: JobPatch | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly by: string;
}

/** `known`: this key and body were accepted before, as this job. `conflict`: this key came with another body. */
export type Accepted =
  | { readonly type: 'accepted' | 'known'; readonly job: JobRecord }
  | { readonly type: 'conflict'; readonly id: string };

/** Which jobs are wanted. */
export interface JobQuery {
  readonly states?: readonly JobState[];
  readonly team?: string;
  /** Labels that a job must have, all of them. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly createdAfterMs?: number;
  readonly createdBeforeMs?: number;
  /** From the page before. */
  readonly cursor?: string;
  /** From 1 to 200. */
  readonly limit: number;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

/** A team's definition as data, by which jobs it accepted are finished. */
export interface StoredTeam {
  readonly name: string;
  readonly definition: Json;
  /** Tool → hash of the code behind it, where that is known. */
  readonly toolCode: Readonly<Record<string, string>>;
}

/** A job made from another one. */
export interface NewFork {
  readonly id: string;
  /** The job it is made from. */
  readonly from: string;
  /** Key of the first step that is done anew; `wrong-input` where the journal has no such step. */
  readonly step: string;
  /** Another brief and its files; null keeps both. */
  readonly brief: Pick<NewJob, 'brief' | 'seeds' | 'contents'> | null;
  readonly digest: string | null;
  /** Joined with that of the job it is made from; where both say something, this one holds. */
  readonly patch: JobPatch | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly by: string;
}

/** A value from outside. */
export interface NewSignal {
  readonly name: string;
  readonly value: Json;
  /** The one wait it is for; null where any that waits for the name will do. */
  readonly key: string | null;
  readonly id: string | null;
  readonly by: string;
}

/** A worker that wants jobs. */
export interface NewWorker {
  readonly id: string;
  readonly concurrency: number;
  /** How long it is believed to be alive without a beat. */
  readonly leaseMs: number;
}

/** What a worker is told when it beats. */
export type Beat =
  | { readonly alive: false }
  | {
      readonly alive: true;
      readonly held: readonly (Lease & {
        readonly cancelAsked: boolean;
        readonly deadlineAtMs: number | null;
      })[];
    };

/** How many jobs a worker takes, and of whom. */
export interface ClaimWant {
  readonly max: number;
  readonly ceilings: TenantCeilings;
}

/** How many jobs of one tenant may run at once, over all workers. Never exceeded. */
export interface TenantCeilings {
  /** For tenants that have no own one; null: no limit. */
  readonly others: number | null;
  readonly tenants: Readonly<Record<string, number>>;
}

/** The right to work on a job: worthless once another epoch was begun. */
export interface Lease {
  readonly job: string;
  readonly epoch: number;
}

/** A job that a worker was given. */
export interface Claim extends Lease {
  readonly record: JobRecord;
}

/** How a worker lets go of a job. */
export type Ending =
  | {
      readonly type: 'ended';
      readonly state: EndedState;
      readonly failure: Failure | null;
      readonly output: JobOutput;
      readonly costMicroUsd: number | 'unknown';
      /** What the stream tells last, before the move itself: kept in the same transaction, or not at all. */
      readonly events?: readonly UnnumberedEvent[];
    }
  | { readonly type: 'parked'; readonly waits: readonly Wait[]; readonly costMicroUsd: number | 'unknown' }
  /** To be gone on with by whoever comes next, not before `notBeforeMs`. */
  | {
      readonly type: 'handed-over';
      readonly notBeforeMs: number | null;
      readonly failure: Failure | null;
      readonly why: string;
    };

/** A job that was let go of, and what its stream was told by that: the move last. */
export interface Settled {
  readonly record: JobRecord;
  readonly events: readonly StoredEvent[];
}

/** How long ended jobs are kept. */
export interface Retention {
  readonly nowMs: number;
  /** Ended jobs older than this go, by state. */
  readonly keepMs: Readonly<Record<EndedState, number>>;
  /** A blob that nobody names is kept this long: somebody may be about to name it. */
  readonly blobGraceMs: number;
  /** At most this many jobs in one call. */
  readonly limit: number;
  /** Only says what would go. */
  readonly dryRun: boolean;
}

/** What went, or would go. */
export interface Vacuumed {
  readonly jobs: readonly string[];
  readonly blobs: number;
  readonly bytesSize: number;
}

/** A job, and how long its stream is: both of one moment. */
export interface Glance {
  readonly job: JobRecord;
  readonly events: number;
}
