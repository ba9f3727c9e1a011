import type { Json } from './json.ts';

/** What a step waits for: a signal by name, a time, or whichever comes first. */
export interface Wait {
  /** The step's key: an answer goes to it alone where two wait for one name. */
  readonly key: string;
  readonly signal: string | null;
  readonly untilMs: number | null;
  /** What a person is asked; JSON data for whoever shows it. */
  readonly question: Json | null;
}

/** How a wait ended. */
export type WaitEnd = { readonly type: 'signal'; readonly value: Json } | { readonly type: 'timeout' };
