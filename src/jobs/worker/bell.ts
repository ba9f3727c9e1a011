/** Cuts a wait short; rung while nobody waits, it cuts short the next one. */
export interface Bell {
  ring(): void;
  /** Runs something that waits until its signal fires. */
  wait(waiting: (signal: AbortSignal) => Promise<unknown>): Promise<void>;
}

/** Makes a bell for one who waits. */
export function createBell(): Bell {
  let waiting: AbortController | null = null;
  let hasRung = false;
  return {
    ring() {
      hasRung = true;
      waiting?.abort();
    },
    async wait(wait) {
      if (!hasRung) {
        waiting = new AbortController();
        await wait(waiting.signal);
        waiting = null;
      }
      hasRung = false;
    },
  };
}
