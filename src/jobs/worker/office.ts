import type { AskStore } from './ask-store.ts';
import type { DeltaPost } from './deltas.ts';
import type { HeldJob } from './held-job.ts';
import type { Life } from './life.ts';
import type { SettledTerms, WorkerParts } from './worker-parts.ts';

/** What everything shares that one worker does. */
export interface Office {
  readonly parts: WorkerParts;
  readonly terms: SettledTerms;
  readonly ask: AskStore;
  readonly deltas: DeltaPost;
  readonly life: Life;
  /** Jobs that the worker was given and has not let go of. */
  readonly held: Set<HeldJob>;
  /** Streams of jobs that have something to tell: each comes when it has, and goes when it has told it. */
  readonly streams: Set<{ tick(nowMs: number): void }>;
  /** Fires when nothing is worth another try, since the worker ends. */
  readonly giveUp: AbortSignal;
}
