import type {
  AuditEntry,
  Failure,
  FileContent,
  FileInfo,
  JobDelta,
  JobOutput,
  JobPatch,
  JobQuery,
  JobRecord,
  JobState,
  Json,
  Page,
  Result,
  Schedule,
  StoredEvent,
  StoredStep,
} from '../core/index.ts';
import type { JobEstimate, Team } from '../team/index.ts';
import type { Brief, FileCut } from './accept.ts';

/** Who asks. Whoever makes one has checked it: the desk believes it. */
export interface Caller {
  readonly tenant: string;
  /** Id of an API key, or a word: `local`, `cli`, `schedule`. */
  readonly by: string;
}

/** What is asked of a team, and on what terms. */
export interface JobRequest extends Brief {
  readonly team: string;
  /** From -100 to 100. Default: 0. */
  readonly priority?: number;
  /** Not begun before. */
  readonly notBeforeMs?: number;
  /** Ends as `expired` when it has not ended by then. */
  readonly deadlineAtMs?: number;
  /** At most 255 characters. */
  readonly idempotencyKey?: string;
  /** At most 32, each at most 255 characters. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One model for all agents. */
  readonly model?: string;
}

/** An accepted job. */
export interface AcceptedJob {
  readonly job: JobRecord;
  /** True where this key and body were accepted before. */
  readonly isKnown: boolean;
  readonly cuts: readonly FileCut[];
}

/** What a fork does otherwise. */
export interface ForkRequest {
  /** Key of the first step that is done anew. */
  readonly step: string;
  readonly patch?: JobPatch;
  /** Another brief; the files of the old one are kept where it brings none. */
  readonly brief?: Brief;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Where a job stands, for whoever polls it: the newest copy that could be had. */
export interface JobStatus {
  readonly job: JobRecord;
  readonly progress: JobProgress;
}

/** How far a job is. */
export interface JobProgress {
  /** Agents in the order they first appeared. */
  readonly agents: readonly {
    readonly name: string;
    readonly state: 'waiting' | 'working' | 'done' | 'failed' | 'skipped';
  }[];
  readonly calls: number;
  readonly toolCalls: number;
  readonly costMicroUsd: number | 'unknown';
  /** Place of the newest event. */
  readonly eventSeq: number;
  /** By its newest move. */
  readonly isEnded: boolean;
}

/** What a live stream holds: numbered events, and words of models that have no number and are not kept. */
export type LiveEvent = StoredEvent | (JobDelta & { readonly seq?: never });

/** A schedule to make. */
export interface ScheduleRequest {
  readonly name: string;
  readonly cron: string;
  /** IANA name. Default: `UTC`. */
  readonly timeZone?: string;
  readonly request: JobRequest;
}

/**
 * What can be done with jobs, for one caller at a time; every way in (HTTP, command line, library, schedules) comes
 * through here. Nothing of another tenant is ever told apart from nothing at all: `not-found`.
 */
export interface JobDesk {
  /** Checks, sizes and keeps a job; durable before it resolves. Fails with every mistake of the request. */
  accept(caller: Caller, request: JobRequest): Promise<Accepting>;
  /** What it would cost, without keeping anything. */
  estimate(caller: Caller, request: JobRequest): Promise<Estimating>;
  status(caller: Caller, id: string): Promise<Result<JobStatus>>;
  list(caller: Caller, query: JobQuery): Promise<Page<JobRecord>>;
  /** `wrong-state` while the job has not ended. */
  output(
    caller: Caller,
    id: string,
  ): Promise<Result<{ readonly job: JobRecord; readonly output: JobOutput }>>;
  files(caller: Caller, id: string): Promise<Result<readonly FileInfo[]>>;
  file(caller: Caller, id: string, path: string): Promise<Result<FileContent>>;
  steps(
    caller: Caller,
    id: string,
    page: { readonly after: number; readonly limit: number },
  ): Promise<Result<readonly StoredStep[]>>;
  /** Every event after `after`, then live until the job has ended or the signal fires. */
  follow(
    caller: Caller,
    id: string,
    options: { readonly after: number; readonly signal: AbortSignal },
  ): Promise<Result<AsyncIterable<LiveEvent>>>;
  cancel(caller: Caller, id: string): Promise<Result<JobRecord>>;
  retry(caller: Caller, id: string): Promise<Result<JobRecord>>;
  fork(caller: Caller, id: string, request: ForkRequest): Promise<Result<JobRecord>>;
  signal(
    caller: Caller,
    id: string,
    signal: { readonly name: string; readonly value: Json; readonly key?: string; readonly id?: string },
  ): Promise<Result<JobRecord>>;
  /** Runs a finished or stopped job again from its journal alone, and says what came out otherwise. */
  replay(caller: Caller, id: string): Promise<Result<Replay>>;
  count(caller: Caller | null): Promise<Readonly<Record<JobState, number>>>;
  /** Teams that new jobs may ask for. */
  teams(): readonly Team[];
  addSchedule(caller: Caller, request: ScheduleRequest): Promise<Result<Schedule>>;
  schedules(caller: Caller): Promise<readonly Schedule[]>;
  schedule(caller: Caller, id: string): Promise<Result<Schedule>>;
  pauseSchedule(caller: Caller, id: string, isPaused: boolean): Promise<Result<Schedule>>;
  removeSchedule(caller: Caller, id: string): Promise<Result<void>>;
  audit(
    caller: Caller,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<Page<AuditEntry>>;
  /** Notes what a caller did beside the desk, with keys and webhooks. */
  note(caller: Caller, entry: Pick<AuditEntry, 'action' | 'target' | 'detail'>): Promise<void>;
}

/** An accepted job, or everything that is wrong with the request. */
export type Accepting =
  | { readonly ok: true; readonly value: AcceptedJob }
  | { readonly ok: false; readonly failures: readonly [Failure, ...Failure[]] };

/** An estimate, or everything that is wrong with the request. */
export type Estimating =
  | {
      readonly ok: true;
      readonly value: {
        readonly estimate: JobEstimate;
        readonly cuts: readonly FileCut[];
        readonly budgetMicroUsd: number | null;
      };
    }
  | { readonly ok: false; readonly failures: readonly [Failure, ...Failure[]] };

/** What a replay found. */
export interface Replay {
  readonly job: string;
  /** The definition that it was replayed on. */
  readonly digest: string;
  readonly steps: number;
  /** One line for each difference; empty: it came out the same. */
  readonly differences: readonly string[];
}
