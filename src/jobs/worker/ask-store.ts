import { type Clock, fail, ok, type Result } from '../../core/index.ts';
import { firstLine } from '../first-line.ts';

/** Does something with the store. Storage that fails is a value here: `storage-failed`. */
export type AskStore = <T>(work: () => Promise<T>) => Promise<Result<T>>;

/** Trouble that goes on is told again this often. */
const remindMs = 60_000;

/** Makes the way to a store. Trouble is told once, however many jobs have it. */
export function createAskStore(clock: Clock, report: (problem: string) => void): AskStore {
  let told: { readonly problem: string; readonly atMs: number } | null = null;
  return async (work) => {
    try {
      return ok(await work());
    } catch (error) {
      const problem = `The store failed: ${firstLine(error)}. Jobs go on once it answers.`;
      if (told?.problem !== problem || clock.now() - told.atMs >= remindMs) {
        told = { problem, atMs: clock.now() };
        report(problem);
      }
      return fail('storage-failed', 'The store did not answer. The job goes on once it does.');
    }
  };
}
