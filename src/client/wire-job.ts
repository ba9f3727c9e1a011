import type { AgentAccount, JobAccount, JobState, Json, StepKind, Usage } from '../core/index.ts';
import type { Failure, Money } from './wire-values.ts';

/** A job as the server tells of it. Times are ISO 8601 in UTC. */
export interface Job {
  readonly id: string;
  readonly team: string;
  /** The definition of the team that it is finished on. */
  readonly digest: string;
  readonly state: JobState;
  /** From -100 to 100; higher goes first. */
  readonly priority: number;
  /** How often it was begun since it was accepted or retried. */
  readonly attempts: number;
  readonly createdAt: string;
  readonly notBefore: string | null;
  readonly deadlineAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Somebody asked for its end while a worker had it. */
  readonly cancelAsked: boolean;
  /** What a parked job waits for; empty in all other states. */
  readonly waits: readonly JobWait[];
  readonly failure: Failure | null;
  /** When it last ended or was parked. */
  readonly cost: Money | null;
  /** What it was thought to cost when it was accepted. */
  readonly estimate: { readonly cost: Money; readonly costMax: Money } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly forkedFrom: { readonly job: string; readonly step: string } | null;
  /** Id of the key that brought it, or `local`, `cli`, `schedule`. */
  readonly by: string;
  /** How far it is; only where one job was asked for. */
  readonly progress?: JobProgress | undefined;
  /** Paths at the server. */
  readonly links: {
    readonly self: string;
    readonly events: string;
    readonly files: string;
    readonly result: string;
  };
}

/** What a step of a parked job waits for. */
export interface JobWait {
  /** The waiting step: name it to answer it alone. */
  readonly key: string;
  readonly signal: string | null;
  readonly until: string | null;
  /** What a person is asked. */
  readonly question: Json;
}

/** How far a job is. */
export interface JobProgress {
  /** Agents in the order they first appeared. */
  readonly agents: readonly {
    readonly name: string;
    readonly state: 'waiting' | 'working' | 'done' | 'failed' | 'skipped';
  }[];
  /** Model calls so far. */
  readonly calls: number;
  readonly toolCalls: number;
  readonly cost: Money;
  /** Place of the newest event. */
  readonly eventSeq: number;
}

/** What an ended job left behind. */
export interface JobResult {
  readonly id: string;
  readonly team: string;
  readonly state: JobState;
  readonly failure: Failure | null;
  /** The team's result; of a job that did not finish, what there is of it. */
  readonly result: Readonly<Record<string, Json>>;
  readonly usage: Account;
  readonly cost: Money;
  /** Input files that were too long, and what was kept of them. */
  readonly cuts: readonly Json[];
  /** From when it was first begun until it ended. */
  readonly elapsedMs: number;
}

/** What a job used: the sum of its agents, never more and never less. */
export interface Account {
  readonly total: Priced<JobAccount['total']>;
  readonly agents: Readonly<Record<string, Priced<AgentAccount>>>;
}

type Priced<Account extends JobAccount['total']> = Omit<Account, 'costMicroUsd' | 'unreported'> & {
  readonly cost: Money;
  /** What may have been billed beyond that without the provider saying so. */
  readonly unreported: { readonly calls: number; readonly cost: Money };
};

/** A file of a job, without its content. */
export interface JobFile {
  readonly path: string;
  /** SHA-256 of its bytes, hex. */
  readonly hash: string;
  readonly bytesSize: number;
  /** Counts the writes of this path from 1. */
  readonly version: number;
  /** Path at the server. */
  readonly link: string;
}

/** One record of a job's journal: that something happened and what it cost, not what was said. */
export interface Step {
  /** Place in the journal; grows, may skip. */
  readonly seq: number;
  readonly at: string;
  /** Which worker's lease it was recorded under. */
  readonly epoch: number;
  /** Its stable path; a fork names it. */
  readonly key: string;
  readonly kind: StepKind;
  readonly type: 'started' | 'unfinished' | 'done' | 'failed';
  /** True for what a fork took over. */
  readonly inherited: boolean;
  readonly failure: Failure | null;
  readonly files: readonly { readonly path: string; readonly version: number; readonly removed: boolean }[];
  readonly spent: readonly {
    readonly agent: string;
    readonly model: string;
    readonly usage: Usage;
    /** What may have been used beyond that. */
    readonly estimate: Usage | null;
  }[];
}

/** A stretch of a job's steps. */
export interface StepPage {
  readonly items: readonly Step[];
  /** `after` of the next page; null on the last one. */
  readonly next: number | null;
}

/** What a replay found. */
export interface Replay {
  readonly job: string;
  /** The definition that it was replayed on. */
  readonly digest: string;
  readonly steps: number;
  /** One line for each difference; none: it came out the same. */
  readonly differences: readonly string[];
}
