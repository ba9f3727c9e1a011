/** Those who wait for something that is all in use, the first come first. As long as there are callers who wait. */
export interface Queue<T> {
  size(): number;
  /** Waits for one's turn, but no longer than the signal allows. */
  wait(signal: AbortSignal | null): Promise<T>;
  /** Serves as many as there is something for; `next` gives null when there is no more. */
  serve(next: () => T | null): void;
  /** Sends all away. */
  refuse(error: unknown): void;
}

interface Waiter<T> {
  serve(value: T): void;
  refuse(error: unknown): void;
}

/** Opens a queue that nobody waits in yet. */
export function createQueue<T>(): Queue<T> {
  const waiters = new Set<Waiter<T>>();
  return {
    size: () => waiters.size,
    wait: (signal) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          waiters.delete(waiter);
          signal?.removeEventListener('abort', abort);
        };
        const waiter: Waiter<T> = {
          serve(value) {
            leave();
            resolve(value);
          },
          refuse(error) {
            leave();
            reject(error);
          },
        };
        const abort = (): void => waiter.refuse(signal?.reason);
        signal?.addEventListener('abort', abort);
        waiters.add(waiter);
      }),
    serve(next) {
      for (const waiter of waiters) {
        const value = next();
        if (value === null) return;
        waiter.serve(value);
      }
    },
    refuse(error) {
      for (const waiter of waiters) waiter.refuse(error);
    },
  };
}
