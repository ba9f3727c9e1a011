/** What the client needs of the place it runs in: a browser, Node, or a test. */
export interface Platform {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
  newId(): string;
}

/** The place this code runs in. The only file of the client that asks it. */
export const ownPlatform: Platform = Object.freeze({
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  now: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake, { once: true });
    }),
  random: () => Math.random(),
  newId: () => hexOf(crypto.getRandomValues(new Uint8Array(16))),
});

/** Not `crypto.randomUUID`: browsers have that on secure pages only. */
function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
