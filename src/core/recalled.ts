import type { Json } from './json.ts';
import { fail, type Result } from './result.ts';

/**
 * Reads a step's result, whose record may be damaged or older than this.
 * A value that is not what is asked for is told as `journal-mismatch`, with the key of the step.
 */
export function recalled<T>(
  result: Result<Json>,
  key: string,
  isExpected: (value: unknown) => value is T,
): Result<T> {
  if (!result.ok || isExpected(result.value)) return result as Result<T>;
  const why = 'The journal is damaged, or another version of Inspan kept it: run the job anew.';
  return fail('journal-mismatch', `Step ${key} was not recorded as what it is. ${why}`);
}
