import { fail, type Result, type Run } from '../core/index.ts';

/** Runs work under a deadline: its signal fires when the run's does or when the time is up. */
export async function withWallTime<T>(
  wallMsMax: number,
  run: Run,
  work: (timed: Run) => Promise<Result<T>>,
): Promise<Result<T>> {
  const finished = new AbortController();
  const deadline = new AbortController();
  const signal = AbortSignal.any([run.signal, deadline.signal]);
  const alarm = run.clock.sleep(wallMsMax, finished.signal).then(() => {
    if (!finished.signal.aborted) deadline.abort();
  });
  try {
    const result = await work({ ...run, signal });
    if (result.ok || result.failure.code !== 'cancelled' || !deadline.signal.aborted) return result;
    return fail(
      'wall-time-exhausted',
      `Stopped after ${Math.round(wallMsMax / 1000)} s. Raise limits.seconds or use a faster model.`,
    );
  } finally {
    finished.abort();
    await alarm;
  }
}
