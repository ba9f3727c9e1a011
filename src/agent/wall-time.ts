import { type Clock, failure, type Run } from '../core/index.ts';
import { linkedAbort } from './linked-abort.ts';

/**
 * Runs work under a deadline: its signal fires when the run's does, or when the time is up. In that case with the
 * failure `wall-time-exhausted` as its reason, which steps record: a replay ends there too, however fast it is.
 * Time in which something below waits for a signal does not count: waiting for a person is no work.
 */
export async function withWallTime<T>(
  wallMsMax: number,
  run: Run,
  work: (timed: Run) => Promise<T>,
): Promise<T> {
  const finished = new AbortController();
  const deadline = linkedAbort(run.signal);
  const waiting = stopwatch(run.clock);
  const alarm = ring();
  try {
    return await work({
      ...run,
      signal: deadline.signal,
      async awaitSignal(wait, signal) {
        waiting.begin();
        try {
          return await run.awaitSignal(wait, signal);
        } finally {
          waiting.end();
        }
      },
    });
  } finally {
    deadline.release();
    finished.abort('finished');
    await alarm;
  }

  async function ring(): Promise<void> {
    const startedAtMs = run.clock.now();
    for (let leftMs = wallMsMax; leftMs > 0 && !finished.signal.aborted; ) {
      const waitedMs = waiting.elapsedMs();
      await run.clock.sleep(leftMs, finished.signal);
      const allWaitedMs = waiting.elapsedMs();
      // What was waited while it slept is still to be worked.
      leftMs = allWaitedMs === waitedMs ? 0 : wallMsMax - (run.clock.now() - startedAtMs - allWaitedMs);
    }
    const seconds = Math.round(wallMsMax / 1000);
    const message = `Stopped after ${seconds} s. Raise limits.seconds or use a faster model.`;
    if (!finished.signal.aborted) deadline.abort(failure('wall-time-exhausted', message));
  }
}

interface Stopwatch {
  begin(): void;
  end(): void;
  elapsedMs(): number;
}

/** Measures the time in which at least one of those that have begun has not ended. */
function stopwatch(clock: Pick<Clock, 'now'>): Stopwatch {
  let [running, sinceMs, measuredMs] = [0, 0, 0];
  return {
    begin() {
      if (running === 0) sinceMs = clock.now();
      running += 1;
    },
    end() {
      running -= 1;
      if (running === 0) measuredMs += clock.now() - sinceMs;
    },
    elapsedMs: () => measuredMs + (running === 0 ? 0 : clock.now() - sinceMs),
  };
}
