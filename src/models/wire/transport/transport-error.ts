/** The error of a request that found no server, shaped as the platform's: SDKs know it by these words. */
export function connectionError(cause: unknown): Error {
  return isTimeout(cause) ? cause : new TypeError('fetch failed', { cause });
}

/** The error of an answer whose connection broke in the middle, shaped as the platform's. */
export function brokenAnswer(cause: unknown): Error {
  return isTimeout(cause) ? cause : new TypeError('terminated', { cause });
}

/** A limit of our own that ran out says all there is to say. */
function isTimeout(error: unknown): error is DOMException {
  return error instanceof DOMException;
}

/** Says what was waited for in vain, and how long. The name is `TimeoutError`, as of `AbortSignal.timeout`. */
export function timeoutError(host: string, what: string, waitMs: number): DOMException {
  return new DOMException(`Timed out: ${host} ${what} within ${waitMs / 1000} s`, 'TimeoutError');
}

/** Waits for something shared, but no longer than one's own signal allows. */
export function untilAborted<T>(shared: Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return shared;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    void shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
