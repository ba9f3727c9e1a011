import { fail, type Result } from '../../core/index.ts';
import type { ServerLimits } from '../limits.ts';

/** Does work that holds a form in memory; refuses it when too much of it is under way. */
export type WithForm = <T>(owner: string | null, work: () => Promise<Result<T>>) => Promise<Result<T>>;

/**
 * Makes places for forms: so many of one owner, and of all. The rest is refused: a queue of large forms would only
 * fill the memory later. `owner`: null where nobody is asked who they are.
 */
export function createFormPlaces({
  formsMax,
  formsPerKeyMax,
}: Pick<ServerLimits, 'formsMax' | 'formsPerKeyMax'>): WithForm {
  const owners: (string | null)[] = [];
  return async (owner, work) => {
    const own = owner === null ? 0 : owners.filter((each) => each === owner).length;
    if (owners.length >= formsMax || own >= formsPerKeyMax) {
      return fail('too-many-requests', 'Too many forms are coming in: try again in a moment.', {
        retryAfterMs: 2_000,
      });
    }
    owners.push(owner);
    try {
      return await work();
    } finally {
      owners.splice(owners.indexOf(owner), 1);
    }
  };
}
