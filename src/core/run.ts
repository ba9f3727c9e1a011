import type { JobEvent } from './events.ts';
import type { Journal } from './journal.ts';
import type { Model } from './model.ts';
import type { Usage } from './usage.ts';
import type { Workspace } from './workspace.ts';

/** Tells the time; in tests it is moved by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Counts the tokens of a text. Estimates: billing always uses what the provider returned. */
export type CountTokens = (text: string) => number;

/** What a job hands to everything that runs in it: by hand, nothing ambient. */
export interface Run {
  /** The job's id. Never part of a prompt. */
  readonly id: string;
  readonly signal: AbortSignal;
  readonly workspace: Workspace;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly countTokens: CountTokens;
  /** The model that answers for an alias or an id; resolved before the job starts, so it always succeeds. */
  model(name: string): Model;
  /** What a call cost, in integer micro-USD; `unknown` where no price is known for the model id. */
  costOf(model: string, usage: Usage): number | 'unknown';
  /** Reports a fact. Never waits. */
  emit(event: JobEvent): void;
}
