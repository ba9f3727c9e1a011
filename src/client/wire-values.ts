import type { FailureCode } from '../core/index.ts';

/** What something cost, in both units; `unknown` where a model has no known price, which is not nothing. */
export interface Money {
  /** Integer millionths of a US dollar. */
  readonly microUsd: number | 'unknown';
  readonly usd: number | 'unknown';
}

/** Why a job or a step did not succeed. */
export interface Failure {
  readonly code: FailureCode;
  /** One line that says the next step. */
  readonly message: string;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** `cursor` of the next page; null on the last one. */
  readonly next: string | null;
}
