import type { JobEvent } from './events.ts';
import type { JobDelta } from './job-record.ts';
import type { Journal } from './journal.ts';
import type { CacheLife, Model, ModelRequest } from './model.ts';
import type { Result } from './result.ts';
import type { Usage } from './usage.ts';
import type { Wait, WaitEnd } from './wait.ts';
import type { Workspace } from './workspace.ts';

/** Tells the time; in tests it is moved by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds of a clock that nobody sets, from any beginning. Default: `now`, which may leap. */
  steadyNow?(): number;
  /** Resolves after `ms`, or at once when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Counts the tokens of a text. Estimates: billing always uses what the provider returned. */
export type CountTokens = (text: string) => number;

/** What is known of the models' prompt caches: told by price lists and by what was seen so far. */
export interface CachePolicy {
  /** The shortest prefix that a model's cache keeps, in tokens; null where nothing is known. */
  prefixTokensMin(model: string): number | null;
  /** How long a prefix is worth keeping; null where nothing will read it. */
  lifeOf(use: PrefixUse): CacheLife | null;
  /** How many of a model's tokens one token counted here stands for: what is known of it, then what its replies said. */
  tokenFactor(model: string): number;
  /** Notes what an agent's requests begin with, and says what they began with before. Told once per agent run. */
  beginWith(agent: string, parts: PrefixParts): PrefixStart;
}

/** What all requests of an agent begin with. */
export type PrefixParts = Pick<ModelRequest, 'tools' | 'system'>;

/** What is known of an agent's static part when one of its runs begins. */
export interface PrefixStart {
  /** True for the agent's first run in the job. */
  readonly isFirst: boolean;
  /** What its requests began with in an earlier job, where that differs and may still be cached; else null. */
  readonly before: PrefixParts | null;
}

/** How a prefix is going to be used. */
export interface PrefixUse {
  /** `provider/name`. */
  readonly model: string;
  /** Hash of everything up to the mark. */
  readonly prefix: string;
  /** `shared`: by all jobs of a team; `waiting`: by one conversation that waits for others; `turns`: by one that goes on at once; `once`: nobody comes back. */
  readonly kind: 'shared' | 'waiting' | 'turns' | 'once';
}

/** What a job hands to everything that runs in it: by hand, nothing ambient. */
export interface Run {
  /** The job's id. Never part of a prompt. */
  readonly id: string;
  readonly signal: AbortSignal;
  readonly workspace: Workspace;
  readonly journal: Journal;
  readonly clock: Clock;
  /** The same for the same text on every machine: what follows from it is the same when a job is replayed. */
  readonly countTokens: CountTokens;
  readonly caching: CachePolicy;
  /** The model that answers for an alias or an id; resolved before the job starts, so it always succeeds. */
  model(name: string): Model;
  /** What a call cost, in integer micro-USD; `unknown` where no price is known for the model id. */
  costOf(model: string, usage: Usage): number | 'unknown';
  /** Reports a fact. Never waits. */
  emit(event: JobEvent): void;
  /** Tells words of a model while they come. Never waits; nobody keeps them. */
  tell(delta: JobDelta): void;
  /**
   * How a wait ends. Where nobody can wait in memory it fails with `parked`, which climbs: the job is parked and
   * asks again when it goes on. Where it waits in memory, it fails soon after the signal fires, with its reason.
   */
  awaitSignal(wait: Wait, signal: AbortSignal): Promise<Result<WaitEnd>>;
}
