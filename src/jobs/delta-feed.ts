import type { JobDelta } from '../core/index.ts';

/** Words of models on their way to whoever listens now. Nothing is kept for anybody who does not. */
export interface DeltaFeed {
  /** Never waits. */
  tell(delta: JobDelta): void;
  /** What is told from now on, until the feed is closed. Any number may listen. */
  listen(): AsyncIterable<JobDelta>;
  close(): void;
}

interface Listener {
  readonly waiting: JobDelta[];
  wake: () => void;
}

/** Far more than a listener that keeps up has waiting; one that does not loses the oldest. */
const waitingMax = 10_000;

/** Opens the feed of one job. */
export function createDeltaFeed(): DeltaFeed {
  const listeners = new Set<Listener>();
  let isClosed = false;
  return {
    tell(delta) {
      for (const { waiting, wake } of listeners) {
        if (waiting.length >= waitingMax) waiting.shift();
        waiting.push(delta);
        wake();
      }
    },
    async *listen() {
      const listener: Listener = { waiting: [], wake: () => {} };
      listeners.add(listener);
      try {
        for (;;) {
          // Taken all at once: to take the first of a long list moves all others.
          yield* listener.waiting.splice(0);
          if (listener.waiting.length > 0) continue;
          if (isClosed) return;
          const woken = Promise.withResolvers<void>();
          listener.wake = woken.resolve;
          await woken.promise;
        }
      } finally {
        listeners.delete(listener);
      }
    },
    close() {
      isClosed = true;
      for (const { wake } of listeners) wake();
    },
  };
}
