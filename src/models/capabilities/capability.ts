import type { Effort } from '../../core/index.ts';

/** What a model can be asked for. `null`: not known, so nothing is refused for it. */
export interface Capabilities {
  /** From low to high; empty where the model does not know the word. */
  readonly efforts: readonly Effort[] | null;
  readonly thinking: Thinking | null;
  /** Whether it takes images. */
  readonly sees: boolean | null;
  /** The longest answer it may be allowed, thinking included, in tokens. */
  readonly outputTokensMax: number | null;
}

/** How a model thinks before it answers, and what can be said about that. */
export interface Thinking {
  /** Whether it may think when a request says nothing. */
  readonly byDefault: boolean;
  /** Whether it can be left to decide by itself how long it thinks. */
  readonly adaptive: boolean;
  /** How many tokens of thinking it may be given; null where that cannot be said. */
  readonly budget: ThinkingBudget | null;
  /** Up to which effort it can be told not to think; null where it always thinks. */
  readonly offUpTo: Effort | null;
}

/** The bounds of a thinking budget, in tokens. */
export interface ThinkingBudget {
  readonly tokensMin: number;
  readonly tokensMax: number;
  /** False where a request with an effort too is rejected. */
  readonly besideEffort: boolean;
}

/** All words for effort, from low to high. */
export const effortsInOrder: readonly Effort[] = Object.freeze(['low', 'medium', 'high', 'xhigh', 'max']);
