import type { Clock } from '../../core/index.ts';

/** Wakes those who wait for work. */
export interface Bell {
  /** A ring that nobody hears wakes the next who listens: none is lost between a look and a wait. */
  ring(): void;
  /** Resolves at the next ring, after `ms` at the latest, or when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Makes a bell for one process. */
export function createBell(clock: Clock): Bell {
  const listeners = new Set<() => void>();
  let isUnheard = false;
  return {
    ring() {
      isUnheard = listeners.size === 0;
      for (const wake of listeners) wake();
    },
    async wait(ms, signal) {
      if (isUnheard || signal.aborted) {
        isUnheard = false;
        return;
      }
      const heard = new AbortController();
      // With a reason: without one an error is made, with its stack.
      const wake = (): void => heard.abort('rung');
      listeners.add(wake);
      await clock.sleep(ms, AbortSignal.any([signal, heard.signal]));
      listeners.delete(wake);
    },
  };
}
