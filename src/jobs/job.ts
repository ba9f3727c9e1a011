import {
  type EventLog,
  type Failure,
  failureLine,
  type JobAccount,
  type JobDelta,
  type Json,
  type NumberedEvent,
  type Run,
  type Wait,
} from '../core/index.ts';
import type { TeamShape } from '../team/index.ts';
import type { FileCut } from './accept.ts';
import type { DeltaFeed } from './delta-feed.ts';
import { type JobParts, runJob } from './run-job.ts';
import type { SignalBox } from './signal-box.ts';

/** A brief accepted for good, at work. */
export interface Job<Shape extends TeamShape = TeamShape> {
  readonly id: string;
  /** What happens, from the first event on; ends when the job does. Any number may listen. */
  events(): AsyncIterable<NumberedEvent>;
  /** The finished job. Rejects with `JobFailed` when it failed or was cancelled. */
  result(): Promise<DoneJob<Shape>>;
  /** The ended job, however it ended. Rejects only for a bug: of a tool, a model or Inspan. */
  outcome(): Promise<EndedJob<Shape>>;
  /** Stops it soon. What exists is kept; a reply that has arrived is recorded. */
  cancel(): void;
  /**
   * Sends a value to a tool that waits for it by name: the one that has waited longest, or with `key` the wait of that
   * key. One that comes early is kept for the first wait. Throws `InspanError` when the job has ended.
   */
  signal(name: string, value: Json, options?: { readonly key?: string }): void;
  /** What its tools wait for now, with what they ask. */
  waits(): readonly Wait[];
  /** Words of its models while they come, from now until the job ends. Nobody keeps them. */
  deltas(): AsyncIterable<JobDelta>;
}

/** How a job ended, what it made and what it used. */
export interface EndedJob<Shape extends TeamShape = TeamShape> {
  readonly job: string;
  readonly team: string;
  readonly digest: string;
  readonly outcome: 'done' | 'failed' | 'cancelled';
  readonly failure: Failure | null;
  /** The team's result; of a job that did not finish, what there is of it. */
  readonly result: Shape['result'];
  /** Every file of the workspace, by path, read as UTF-8. */
  readonly files: Readonly<Record<string, string>>;
  /** Input files that were too long, and what was kept of them. */
  readonly cuts: readonly FileCut[];
  readonly usage: JobAccount;
  /** `unknown` where a price is not known. */
  readonly cost: { readonly usd: number | 'unknown'; readonly microUsd: number | 'unknown' };
  readonly elapsedMs: number;
}

/** A job that finished: its whole result is there. */
export type DoneJob<Shape extends TeamShape = TeamShape> = EndedJob<Shape> & { readonly outcome: 'done' };

/** Thrown by `job.result()` for a job that did not finish; carries all there is of it. */
export class JobFailed extends Error {
  readonly ended: EndedJob;

  constructor(ended: EndedJob) {
    const why =
      ended.failure === null
        ? 'no reason was recorded'
        : `${ended.failure.code}: ${failureLine(ended.failure)}`;
    super(`Job ${ended.job} ${ended.outcome === 'cancelled' ? 'was cancelled' : 'failed'} (${why})`);
    this.name = 'JobFailed';
    this.ended = ended;
  }
}

/** What a job's handle needs besides the job itself. */
export interface JobHandleParts extends JobParts {
  readonly log: EventLog;
  readonly accountOf: (events: readonly NumberedEvent[]) => JobAccount;
  readonly cancel: () => void;
  /** Where the run's waits are answered. */
  readonly box: SignalBox;
  /** Where the run's words go. */
  readonly feed: DeltaFeed;
}

/** Starts a job and gives its handle. */
export function startJob<Shape extends TeamShape>(parts: JobHandleParts): Job<Shape> {
  const outcome = runToEnd(parts) as Promise<EndedJob<Shape>>;
  // Whoever asks for the outcome gets the error; nobody asking must not bring the process down.
  outcome.catch(() => {});
  return {
    id: parts.run.id,
    events: () => parts.log.follow(),
    outcome: () => outcome,
    cancel: parts.cancel,
    signal: parts.box.send,
    waits: parts.box.waits,
    deltas: parts.feed.listen,
    async result() {
      const ended = await outcome;
      if (ended.outcome !== 'done') throw new JobFailed(ended);
      return ended as DoneJob<Shape>;
    },
  };
}

async function runToEnd(parts: JobHandleParts): Promise<EndedJob> {
  const { run, log, compiled, brief, box, feed } = parts;
  const startedAt = run.clock.now();
  try {
    const { outcome, ...end } = await runJob(parts);
    if (outcome === 'parked') throw new Error('A job in memory waits in memory, but it was parked');
    const usage = parts.accountOf(log.all());
    const microUsd = usage.total.costMicroUsd;
    return {
      job: run.id,
      team: compiled.team.name,
      digest: compiled.team.digest,
      outcome,
      ...end,
      files: await textFiles(run),
      cuts: brief.cuts,
      usage,
      cost: { usd: microUsd === 'unknown' ? 'unknown' : microUsd / 1_000_000, microUsd },
      elapsedMs: run.clock.now() - startedAt,
    };
  } catch (error) {
    // Whoever listens hears that it is over; whoever asks for the outcome gets the error.
    log.emit({ type: 'job-ended', outcome: 'failed', code: null });
    throw error;
  } finally {
    box.close();
    feed.close();
    log.close();
  }
}

async function textFiles({ workspace }: Run): Promise<Readonly<Record<string, string>>> {
  const files: [string, string][] = [];
  for (const { path } of await workspace.list()) {
    const file = await workspace.read(path);
    if (file.ok) files.push([path, new TextDecoder().decode(file.value.bytes)]);
  }
  return Object.fromEntries(files);
}
