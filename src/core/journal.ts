import type { Failure } from './failure.ts';
import type { Json } from './json.ts';
import type { Attempt } from './model.ts';
import type { Result } from './result.ts';
import type { ToolReplay } from './tool.ts';
import type { FileChange } from './workspace.ts';

/**
 * What a step is: a model call, a tool call, a look at the workspace that decides what is next, or a wait.
 * A child agent is no step: its own steps, under its name, are its record.
 */
export type StepKind = 'model' | 'tool' | 'check' | 'wait';

/**
 * The record of a job's steps: recovery log, audit log and test cassette at once.
 * A step that is recorded is never run again: its recorded result is given instead.
 */
export interface Journal {
  /**
   * Runs an effect once. Failures that climb (`climbs`) are not recorded as its result, so that the step can be
   * tried again once they are gone; all others are answers, and recorded.
   * A step whose recorded input differs fails with `journal-mismatch`; a `replay: 'never'` step that was
   * started but not finished fails with `outcome-unknown`.
   */
  step<T extends Json>(
    key: string,
    spec: StepSpec,
    effect: () => Promise<StepOutcome<T>>,
  ): Promise<Stepped<T>>;
  /**
   * Resolves once everything so far is kept; rejects where something could not be. What changed nothing and may be
   * repeated is given before it is kept, and nothing that follows from it is kept without it.
   */
  settled(): Promise<void>;
  /** The same journal with a name put before every key. */
  under(name: string): Journal;
}

/** What a step must say of itself before it runs. */
export interface StepSpec {
  readonly kind: StepKind;
  readonly replay: ToolReplay;
  /** Hash of everything the effect depends on. */
  readonly inputHash: string;
  /** True where it may change more than the job's own files: then all that led to it is kept first. */
  readonly isOutside?: boolean;
  /** The most it may cost: what a budget counts when a crash hides what it did cost. */
  readonly atRisk?: Spending;
}

/** What an effect gives: its result and the files it changed, which are applied only once they are recorded. */
export interface StepOutcome<T> {
  readonly result: Result<T>;
  readonly changes?: readonly FileChange[];
  /** What it cost, also when it failed. */
  readonly spent?: readonly Spending[];
}

/** A step's result, and whether it came from the record. */
export interface Stepped<T> {
  readonly result: Result<T>;
  readonly changes: readonly FileChange[];
  readonly spent: readonly Spending[];
  readonly replayed: boolean;
}

/** A billed model call, and who asked. */
export interface Spending extends Attempt {
  readonly agent: string;
}

/**
 * One line of a journal. `unfinished`: the step ended without a result and without an effect, and may be tried again;
 * what it cost was spent all the same.
 */
export type StepRecord =
  | {
      readonly type: 'started';
      readonly key: string;
      readonly kind: StepKind;
      readonly inputHash: string;
      readonly atRisk?: Spending;
    }
  | {
      readonly type: 'unfinished';
      readonly key: string;
      readonly kind: StepKind;
      readonly inputHash: string;
      readonly spent?: readonly Spending[];
    }
  | {
      readonly type: 'done';
      readonly key: string;
      readonly kind: StepKind;
      readonly inputHash: string;
      readonly value: Json;
      readonly changes?: readonly FileChange[];
      readonly spent?: readonly Spending[];
    }
  | {
      readonly type: 'failed';
      readonly key: string;
      readonly kind: StepKind;
      readonly inputHash: string;
      readonly failure: Failure;
      readonly changes?: readonly FileChange[];
      readonly spent?: readonly Spending[];
    };

/** Where records are kept. The only part a durable store has to bring. */
export interface JournalStore {
  /** All records so far, oldest first. */
  records(): Promise<readonly StepRecord[]>;
  /**
   * Keeps a record for good before it resolves. A throw means the record may or may not have been kept. It is called
   * again before that: records are kept in the order of the calls, and none after one that was not.
   */
  append(record: StepRecord): Promise<void>;
}
