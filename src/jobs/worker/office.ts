import type { AskStore } from './ask-store.ts';
import type { DeltaPost } from './deltas.ts';
import type { HeldJob } from './held-job.ts';
import type { SettledTerms, WorkerParts } from './worker-parts.ts';

/** What everything shares that one worker does. */
export interface Office {
  readonly parts: WorkerParts;
  readonly terms: SettledTerms;
  readonly ask: AskStore;
  readonly deltas: DeltaPost;
  /** Jobs that the worker was given and has not let go of. */
  readonly held: Set<HeldJob>;
  /** What has something to do now and then, as long as it is here: the streams of jobs that were begun. */
  readonly streams: Set<{ tick(nowMs: number): void }>;
  /** Fires when nothing is worth another try, since the worker ends. */
  readonly giveUp: AbortSignal;
}
