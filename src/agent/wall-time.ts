import { failure, type Run } from '../core/index.ts';

/**
 * Runs work under a deadline: its signal fires when the run's does, or when the time is up. In that case with the
 * failure `wall-time-exhausted` as its reason, which steps record: a replay ends there too, however fast it is.
 */
export async function withWallTime<T>(
  wallMsMax: number,
  run: Run,
  work: (timed: Run) => Promise<T>,
): Promise<T> {
  const finished = new AbortController();
  const deadline = new AbortController();
  const stop = (): void => deadline.abort(run.signal.reason);
  if (run.signal.aborted) stop();
  else run.signal.addEventListener('abort', stop, { once: true });
  const alarm = run.clock.sleep(wallMsMax, finished.signal).then(() => {
    const seconds = Math.round(wallMsMax / 1000);
    const message = `Stopped after ${seconds} s. Raise limits.seconds or use a faster model.`;
    if (!finished.signal.aborted) deadline.abort(failure('wall-time-exhausted', message));
  });
  try {
    return await work({ ...run, signal: deadline.signal });
  } finally {
    run.signal.removeEventListener('abort', stop);
    finished.abort('finished');
    await alarm;
  }
}
