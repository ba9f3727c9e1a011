import {
  type BeforeSend,
  type Failure,
  failure,
  type ModelEnd,
  type ModelEvent,
  type RateLimits,
  type Reply,
  type Result,
} from '../../core/index.ts';
import type { Sending } from './post.ts';
import { headersOf } from './provider-failure.ts';

/** What an adapter knows of its provider's wire; `providerEvents` does the waiting around it. */
export interface ProviderCall<Chunk> {
  /** Sends the request. Rejects when the provider refuses it or cannot be reached. */
  open(sending: Sending): Promise<OpenedStream<Chunk>>;
  /** Takes one chunk in and gives what of it is worth showing. */
  accept(chunk: Chunk): readonly ModelEvent[];
  /** True once nothing more can follow, though the connection may still be open. */
  isComplete(): boolean;
  /** The reply, once the provider's stream has ended by itself; a failure where it ended too early. */
  finish(requestId: string | null): Result<Reply>;
  failureOf(error: unknown): Failure;
  /** What headers, of an answer or a refusal, say of rate limits; null when nothing. */
  limitsOf(headers: Headers): RateLimits | null;
  /**
   * What a call that ends here has used. `isTaken`: the provider has it, so it may be billed though nothing came back;
   * empty where it was refused or never sent.
   */
  used(isTaken: boolean): CallUse;
}

/** What a failed call has used: what the provider reported, and what it may have used beyond that. */
export type CallUse = Pick<Extract<ModelEnd, { readonly type: 'failed' }>, 'usage' | 'estimate'>;

/** A provider's answer as it comes in. */
export interface OpenedStream<Chunk> {
  readonly chunks: AsyncIterable<Chunk>;
  readonly headers: Headers;
  /** The provider's own id of the call. */
  readonly requestId: string | null;
}

/**
 * Turns a provider call into model events: `begun` with the first chunk, and always exactly one `end`, the last.
 * The end comes promptly when the signal fires. `prepare` loads what the call needs.
 */
export async function* providerEvents<Chunk>(
  prepare: () => Result<ProviderCall<Chunk>> | Promise<Result<ProviderCall<Chunk>>>,
  signal: AbortSignal,
  beforeSend?: BeforeSend,
): AsyncGenerator<ModelEvent> {
  const preparing = prepare();
  const prepared = preparing instanceof Promise ? await preparing : preparing;
  if (!prepared.ok) return yield endEvent({ type: 'failed', failure: prepared.failure });
  const call = prepared.value;
  const line = openLine(signal);
  try {
    const isSent = !signal.aborted;
    const opened = await line.wait(() => call.open({ signal: line.signal, beforeSend }));
    if (opened.type !== 'value') return yield failedEvent(call, opened, isSent && mayBeTaken(call, opened));
    const { chunks, headers, requestId } = opened.value;
    const iterator = chunks[Symbol.asyncIterator]();
    // One loop and no delegation: every level of generators costs each of a thousand chunks several turns.
    for (let hasBegun = false; !call.isComplete(); hasBegun = true) {
      const next = await line.wait(() => iterator.next());
      if (next.type !== 'value') return yield failedEvent(call, next, true);
      if (next.value.done === true) break;
      if (!hasBegun) yield begunEvent(call.limitsOf(headers));
      for (const event of joined(call.accept(next.value.value))) yield event;
    }
    if (signal.aborted && !call.isComplete()) return yield failedEvent(call, { type: 'cancelled' }, true);
    // Reading on to the end of the body is what lets the connection be used again.
    line.hangUpAfter(call.isComplete() ? iterator.next() : null);
    yield finalEvent(call, requestId);
  } finally {
    // A reader that stops early must not leave the request running (and billed).
    line.hangUp();
  }
}

/** What came together is told together: a word more in an event costs nothing, an event more a turn of every reader. */
function joined(events: readonly ModelEvent[]): readonly ModelEvent[] {
  if (events.length < 2) return events;
  const all: ModelEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (event.type === 'text' && last?.type === 'text')
      all[all.length - 1] = { type: 'text', text: last.text + event.text };
    else if (event.type === 'reasoning' && last?.type === 'reasoning')
      all[all.length - 1] = { type: 'reasoning', text: last.text + event.text };
    else all.push(event);
  }
  return all;
}

function finalEvent<Chunk>(call: ProviderCall<Chunk>, requestId: string | null): ModelEvent {
  const reply = call.finish(requestId);
  if (reply.ok) return endEvent({ type: 'reply', reply: reply.value });
  return endEvent({ type: 'failed', failure: reply.failure, ...call.used(true) });
}

function begunEvent(limits: RateLimits | null): ModelEvent {
  return { type: 'begun', ...(limits === null ? {} : { limits }) };
}

/** A provider that we did not wait for may be at work; one that refused, or could not be reached (in time), is not. */
function mayBeTaken<Chunk>(call: ProviderCall<Chunk>, ended: Unfinished): boolean {
  return ended.type === 'cancelled' || call.failureOf(ended.error).code === 'timeout';
}

function failedEvent<Chunk>(call: ProviderCall<Chunk>, ended: Unfinished, isTaken: boolean): ModelEvent {
  if (ended.type === 'cancelled') {
    return endEvent({ type: 'failed', failure: cancelled(), ...call.used(isTaken) });
  }
  const headers = headersOf(ended.error);
  const limits = headers === null ? null : call.limitsOf(headers);
  return endEvent({
    type: 'failed',
    failure: call.failureOf(ended.error),
    ...call.used(isTaken),
    ...(limits === null ? {} : { limits }),
  });
}

function endEvent(end: ModelEnd): ModelEvent {
  return { type: 'end', end };
}

/** The failure of a call that its caller no longer wants. */
export function cancelled(): Failure {
  return failure('cancelled', 'The call was cancelled before the model had answered.');
}

type Unfinished = { readonly type: 'error'; readonly error: unknown } | { readonly type: 'cancelled' };

/** The connection to a provider, as one call holds it. */
interface Line {
  /** Fires when the caller cancels and when the line is hung up. */
  readonly signal: AbortSignal;
  /**
   * Waits for something the outer world does, but never longer than the caller wants.
   * Only calls into a provider's SDK go in here, so whatever they throw is the provider's or the network's.
   */
  wait<T>(start: () => Promise<T>): Promise<{ readonly type: 'value'; readonly value: T } | Unfinished>;
  hangUp(): void;
  /**
   * Leaves the line open until the rest has come, if any is to come, but not for long. The caller no longer has a say
   * in it.
   */
  hangUpAfter(rest: Promise<IteratorResult<unknown>> | null): void;
}

/** Wait for the end of a body whose answer is whole, in ms: many times a round trip; a server may never end it. */
const restMsMax = 1000;

/** One listener serves the whole call: a long answer is thousands of waits. */
function openLine(signal: AbortSignal): Line {
  const controller = new AbortController();
  let interrupt: (() => void) | null = null;
  let isLeft = false;
  const cancel = () => {
    interrupt?.();
    controller.abort();
  };
  const hangUp = () => {
    signal.removeEventListener('abort', cancel);
    // With a reason of its own, no error object is made for it.
    controller.abort('hung up');
  };
  signal.addEventListener('abort', cancel, { once: true });
  return {
    signal: controller.signal,
    wait: (start) =>
      new Promise((resolve) => {
        interrupt = () => resolve({ type: 'cancelled' });
        if (signal.aborted) return interrupt();
        start().then(
          (value) => resolve({ type: 'value', value }),
          (error: unknown) => resolve(signal.aborted ? { type: 'cancelled' } : { type: 'error', error }),
        );
      }),
    hangUp() {
      if (!isLeft) hangUp();
    },
    hangUpAfter(rest) {
      isLeft = true;
      signal.removeEventListener('abort', cancel);
      if (rest === null) return;
      let isOver = false;
      let late: AbortSignal | null = null;
      const over = (isWhole: boolean): void => {
        isOver = true;
        late?.removeEventListener('abort', hangUp);
        if (!isWhole) hangUp();
      };
      rest.then(
        ({ done }) => over(done === true),
        () => over(false),
      );
      // It nearly always comes with what was read last: only where it does not, it is worth a timer.
      setImmediate(() => {
        if (isOver) return;
        late = AbortSignal.timeout(restMsMax);
        late.addEventListener('abort', hangUp, { once: true });
      });
    },
  };
}
