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

/** Marks the error of a request that was never written: nobody has it, so nobody bills it. */
export function neverSent(error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { isSent: false }) : error;
}

/** Says whether an error is about a request that was never written. Looks at what it wraps, and knows the platform's. */
export function isNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('isSent' in error && error.isSent === false) return true;
  if ('syscall' in error && error.syscall === 'connect') return true;
  if ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT') return true;
  return error.cause !== error && isNeverSent(error.cause);
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
