import type {
  BeforeSend,
  JobDelta,
  JobEvent,
  JobRecord,
  JournalStore,
  Result,
  Run,
  StepRecord,
  Wait,
  WaitEnd,
} from '../core/index.ts';
import type { CompiledTeam } from '../team/index.ts';
import type { AcceptedBrief } from './accept.ts';

/** Joins what a durable job runs on: its pinned team, models, budget and journal. */
export type OpenRun = (wanted: RunWanted) => Promise<Result<OpenedRun>>;

/** What whoever runs a job brings. */
export interface RunWanted {
  readonly record: JobRecord;
  readonly brief: AcceptedBrief;
  /** Everything that its journal holds. */
  readonly recorded: readonly StepRecord[];
  /** Those of them that it has paid for itself: all but what a fork took over. */
  readonly own: readonly StepRecord[];
  readonly journal: JournalStore;
  /** Keys of records that count whatever their input was: what a fork took over. */
  readonly inherited: ReadonlySet<string>;
  readonly signal: AbortSignal;
  /** False for a replay: then no model may be asked, and one that is fails with `not-found`. */
  readonly mayAsk: boolean;
  /** Whether the job is still this process's to ask for; see `BeforeSend`. */
  readonly beforeSend: BeforeSend;
  emit(event: JobEvent): void;
  tell(delta: JobDelta): void;
  awaitSignal(wait: Wait): Promise<Result<WaitEnd>>;
}

/** A run ready to go. */
export interface OpenedRun {
  readonly compiled: CompiledTeam;
  readonly run: Run;
  /** What whoever watches should know before it begins: another model answers, a tool's code has changed. */
  readonly notices: readonly string[];
}
