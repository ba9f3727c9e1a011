import type { Failure, FailureCode } from './failure.ts';

/** What a call that may be expected to fail gives back: never null-or-error, never an exception. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** Wraps a value as a success. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** Makes a failed result. `message` says the next step. */
export function fail(
  code: FailureCode,
  message: string,
  more: Omit<Failure, 'code' | 'message'> = {},
): Result<never> {
  return { ok: false, failure: { code, message, ...more } };
}
