import { fail, InspanError, ok, type Result } from '../core/index.ts';

/**
 * Loads the code behind a model when it is first needed, once; a load that failed is tried again the next time.
 * What an unknown error says is never passed on: an SDK quotes what it was given, the key too, and the platform paths.
 */
export function loadOnce<T>(id: string, load: () => Promise<T>): () => Result<T> | Promise<Result<T>> {
  let loading: Promise<T> | null = null;
  let loaded: Result<T> | null = null;
  const loadIt = async (): Promise<Result<T>> => {
    try {
      loading ??= load();
      loaded = ok(await loading);
      return loaded;
    } catch (error) {
      loading = null;
      const [told] = error instanceof InspanError ? error.failures : [];
      if (told !== undefined) return { ok: false, failure: told };
      return fail(
        'wrong-config',
        `The code that speaks to ${id} could not be loaded (${kindOf(error)}): install it again, npm ci.`,
      );
    }
  };
  return () => loaded ?? loadIt();
}

/** The platform's word for an error (`ERR_MODULE_NOT_FOUND`), or its class. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
