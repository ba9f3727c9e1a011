import type { Clock, EventLog, NumberedEvent } from '../core/index.ts';

/** Opens an empty event log. */
export function createEventLog(clock: Pick<Clock, 'now'>): EventLog {
  const events: NumberedEvent[] = [];
  let closed = false;
  /** Resolved by the next event; null while nobody follows, as most jobs are not followed. */
  let wake: PromiseWithResolvers<void> | null = null;
  const wakeAll = (): void => {
    wake?.resolve();
    wake = null;
  };
  return {
    emit(event) {
      if (closed) throw new Error(`Nothing can happen after a job has ended, but ${event.type} did`);
      events.push(Object.freeze({ ...event, seq: events.length + 1, atMs: clock.now() }));
      wakeAll();
    },
    close() {
      closed = true;
      wakeAll();
    },
    all: () => [...events],
    async *follow() {
      for (let next = 0; ; ) {
        while (next < events.length) yield events[next++] as NumberedEvent;
        if (closed) return;
        wake ??= Promise.withResolvers();
        await wake.promise;
      }
    },
  };
}
