import { fail, ok, type Result } from '../core/index.ts';

/** Loads the code behind a model when it is first needed, once; a load that failed is tried again the next time. */
export function loadOnce<T>(id: string, load: () => Promise<T>): () => Promise<Result<T>> {
  let loading: Promise<T> | null = null;
  return async () => {
    try {
      loading ??= load();
      return ok(await loading);
    } catch (error) {
      loading = null;
      const why = error instanceof Error ? error.message : String(error);
      return fail(
        'wrong-config',
        `The code that speaks to ${id} could not be loaded (${why}): install it again, npm ci.`,
      );
    }
  };
}
