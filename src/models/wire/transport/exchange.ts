import type { Readable } from 'node:stream';
import { AnswerBody } from './body.ts';
import { decoded } from './decode.ts';
import { LightResponse } from './light-response.ts';
import type { Outgoing } from './outgoing.ts';
import type { PoolLimits } from './pool.ts';
import { brokenAnswer, connectionError, timeoutError } from './transport-error.ts';

/** What a connection tells of one request. */
export interface Exchange {
  /** The answer has begun. */
  begin(
    status: { readonly code: number; readonly text: string },
    headers: HeaderPairs,
    bytes: Readable,
  ): void;
  /** The connection failed. */
  fail(error: unknown): void;
  /** Nothing came for as long as it may. */
  timeOut(): void;
}

/** Headers as they came. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Hangs up: nothing more is wanted, not even the rest. */
export type HangUp = () => void;

/** A request that is out, and the answer that it waits for. */
export interface OpenExchange extends Exchange {
  readonly response: Promise<Response>;
}

/**
 * Waits for the answer to a request; whatever ends it early ends the connection's part in it too.
 * Holds nothing of the request itself: its body need not stay in memory while a model thinks.
 */
export function openExchange({ url, signal }: Outgoing, limits: PoolLimits, hangUp: HangUp): OpenExchange {
  const { promise: response, resolve, reject } = Promise.withResolvers<Response>();
  let answer: AnswerBody | null = null;
  let isOver = false;
  const settled = (): void => {
    isOver = true;
    signal?.removeEventListener('abort', abort);
  };
  const end = (error: unknown): void => {
    if (isOver) return;
    settled();
    reject(error);
    answer?.fail(error);
    hangUp();
  };
  const abort = (): void => end(signal?.reason);
  signal?.addEventListener('abort', abort);
  // Its turn may have come in the moment that it was no longer wanted.
  if (signal?.aborted === true) abort();
  return {
    response,
    begin({ code, text }, pairs, bytes) {
      const headers = new Headers();
      for (const [name, value] of pairs) headers.append(name, value);
      const readable = decoded(bytes, headers.get('content-encoding') ?? '');
      answer = new AnswerBody({ bytes: readable, hangUp, settled });
      resolve(new LightResponse({ url: url.href, status: code, statusText: text, headers }, answer));
    },
    fail: (error) => end(answer === null ? connectionError(error) : brokenAnswer(error)),
    timeOut: () => end(tooSlow(url, limits, answer !== null)),
  };
}

function tooSlow({ host }: URL, limits: PoolLimits, begun: boolean): DOMException {
  return begun
    ? timeoutError(host, 'sent nothing more', limits.betweenBytesMsMax)
    : timeoutError(host, 'did not begin to answer', limits.firstByteMsMax);
}
