import type { JobAccount } from './account.ts';
import type { JobEvent, NumberedEvent } from './events.ts';
import type { Failure } from './failure.ts';
import type { StepRecord } from './journal.ts';
import type { Json } from './json.ts';
import type { Wait } from './wait.ts';

/** Where a durable job stands. */
export type JobState = 'queued' | 'running' | 'parked' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

/**
 * Every move a job may make; all others are refused by every store.
 * `running → queued`: handed over, or its worker was lost. `parked → queued`: what it waited for has come.
 * An ended job that somebody retries is queued again.
 */
export const jobMoves = {
  queued: ['running', 'cancelled', 'expired'],
  running: ['queued', 'parked', 'succeeded', 'failed', 'cancelled', 'expired'],
  parked: ['queued', 'cancelled', 'expired'],
  succeeded: [],
  failed: ['queued'],
  cancelled: ['queued'],
  expired: ['queued'],
} as const satisfies Readonly<Record<JobState, readonly JobState[]>>;

/** Says whether a job may move from one state to another. */
export function canMove(from: JobState, to: JobState): boolean {
  const moves: readonly JobState[] = jobMoves[from];
  return moves.includes(to);
}

/** The states in which nothing more happens unless somebody retries the job. */
export const endedStates = ['succeeded', 'failed', 'cancelled', 'expired'] as const satisfies JobState[];

/** A state in which a job has ended. */
export type EndedState = (typeof endedStates)[number];

/** Says whether a job has ended. */
export function isEnded(state: JobState): state is EndedState {
  const ended: readonly JobState[] = endedStates;
  return ended.includes(state);
}

/**
 * How many workers in a row a job may lose before it fails. A machine that dies takes any job's worker with it, but
 * not ten times before one step could be finished: then the job itself is what ends them.
 */
export const lossesMax = 10;

/** A durable job: what it is, where it stands and how it ended; never what is in its files. */
export interface JobRecord {
  readonly id: string;
  /** Whose it is. Nobody else ever learns of it. */
  readonly tenant: string;
  /** Name of its team. */
  readonly team: string;
  /** Digest of the definition that accepted it: it is finished on that one. */
  readonly digest: string;
  readonly state: JobState;
  /** Counts the changes of this record from 1: the newer of two copies has the higher one. */
  readonly version: number;
  /** Counts the workers' leases: what holds an older epoch can change nothing. */
  readonly epoch: number;
  /** How often it was begun since it was accepted or retried. */
  readonly attempts: number;
  /** From -100 to 100; higher goes first. */
  readonly priority: number;
  readonly createdAtMs: number;
  /** Not begun before. */
  readonly notBeforeMs: number | null;
  /** Ends as `expired` when it has not ended by then. */
  readonly deadlineAtMs: number | null;
  /** When it was first begun. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Who works on it. */
  readonly worker: string | null;
  /** Somebody asked for its end while a worker had it. */
  readonly cancelAsked: boolean;
  /** What a parked job waits for; empty in all other states. */
  readonly waits: readonly Wait[];
  /** Why it failed, was cancelled or expired; of a job that was handed over, why. */
  readonly failure: Failure | null;
  /** What it has cost when it last ended or was parked; `unknown` where a price is not known. */
  readonly costMicroUsd: number | 'unknown' | null;
  /** What it was thought to cost when it was accepted. */
  readonly estimate: Json | null;
  readonly patch: JobPatch | null;
  readonly forkedFrom: { readonly job: string; readonly step: string } | null;
  /** Words of whoever asked for it, for finding it again. */
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | null;
  /** Id of the API key that brought it, or a word for another way in: `local`, `schedule`. */
  readonly by: string;
}

/** What a fork does otherwise than the job it was made from. */
export interface JobPatch {
  /** One model for all agents. */
  readonly model?: string;
  /** Agent → its prompt instead. */
  readonly prompts?: Readonly<Record<string, string>>;
  /** Skill → its text instead. */
  readonly skills?: Readonly<Record<string, string>>;
}

/** What a job left behind when it ended. */
export interface JobOutput {
  /** The team's result; of a job that did not finish, what there is of it. */
  readonly result: Readonly<Record<string, Json>>;
  readonly usage: JobAccount;
  /** Input files that were too long, and what was kept of them. */
  readonly cuts: readonly Json[];
  /** From when it was first begun until it ended. */
  readonly elapsedMs: number;
}

/** A change of state, as the job's stream tells it. */
export interface JobMoved {
  readonly type: 'job-moved';
  readonly state: JobState;
  readonly epoch: number;
  /** One word or sentence: `accepted`, `worker lost`, `cancelled by a person` … */
  readonly why: string;
}

/** What a durable job's stream holds. `seq` counts from 1 without gaps, over all workers and retries. */
export type StoredEvent = NumberedEvent | (JobMoved & { readonly seq: number; readonly atMs: number });

/** An event before it has its place in a stream. `atMs`: when it happened, where that was before it is kept. */
export type UnnumberedEvent = (JobEvent | JobMoved) & { readonly atMs?: number };

/** A recorded step and when it was recorded. */
export interface StoredStep {
  /** Place in the journal; grows, may skip. */
  readonly seq: number;
  readonly atMs: number;
  readonly epoch: number;
  /** True for what a fork took over: it counts by its key, whatever its input was. */
  readonly inherited: boolean;
  readonly record: StepRecord;
}

/** Words of a model while they come. Nobody keeps them. */
export type JobDelta =
  | { readonly type: 'text'; readonly agent: string; readonly key: string; readonly text: string }
  | { readonly type: 'retracted'; readonly agent: string; readonly key: string };
