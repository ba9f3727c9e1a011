import { type Failure, failure } from './failure.ts';

/** Says why a signal fired: the reason it was fired with, when that is a failure, else that the job was cancelled. */
export function interruption(signal: AbortSignal): Failure {
  const { reason } = signal;
  return isFailure(reason) ? reason : failure('cancelled', 'The job was cancelled.');
}

function isFailure(reason: unknown): reason is Failure {
  return (
    typeof reason === 'object' &&
    reason !== null &&
    'code' in reason &&
    'message' in reason &&
    !('stack' in reason)
  );
}

/**
 * Runs work that can be stopped, also when it does not listen.
 * Once the signal has fired, `graceful` says how long to wait still, and `instead` what to give then.
 */
export function stoppable<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  { graceful, instead }: { readonly graceful: () => Promise<void>; readonly instead: () => T },
): Promise<T> {
  // Every turn of every agent waits here, and a race costs twice as much as a promise that two may settle.
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(instead());
    const stop = (): void => {
      graceful().then(() => resolve(instead()), reject);
    };
    const working = work();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const release = (): void => signal.removeEventListener('abort', stop);
    working.then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}

/**
 * Runs works side by side and waits for all of them. When one throws, the others are stopped and waited for before
 * it is thrown on: nothing goes on behind the back of whoever catches it.
 */
export async function together<T>(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<readonly T[]> {
  const [first, ...others] = works;
  // The usual case, and most of what agents wait for: with nobody beside it there is nobody to stop.
  if (first !== undefined && others.length === 0) return [await first(signal)];
  const stopping = new AbortController();
  const shared = AbortSignal.any([signal, stopping.signal]);
  const thrown: unknown[] = [];
  const values = await Promise.all(
    works.map(async (work) => {
      try {
        return [await work(shared)];
      } catch (error) {
        thrown.push(error);
        stopping.abort();
        return [];
      }
    }),
  );
  if (thrown.length > 0) throw thrown[0];
  return values.flat();
}
