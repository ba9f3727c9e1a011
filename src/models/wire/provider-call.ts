import { type Failure, failure, type ModelEnd, type ModelEvent, type Usage } from '../../core/index.ts';

/** What an adapter knows of its provider's wire; `providerEvents` does the waiting around it. */
export interface ProviderCall<Chunk> {
  /** Sends the request. Rejects when the provider refuses it or cannot be reached. */
  open(signal: AbortSignal): Promise<OpenedStream<Chunk>>;
  /** Takes one chunk in and gives what of it is worth showing. */
  accept(chunk: Chunk): readonly ModelEvent[];
  /** True once nothing more can follow, though the connection may still be open. */
  isComplete(): boolean;
  /** How the call ended, once the provider's stream has ended by itself. */
  finish(requestId: string | null): ModelEnd;
  failureOf(error: unknown): Failure;
  /** What has surely been used so far; null before anything came back. */
  usageSoFar(): Usage | null;
}

/** A provider's answer as it comes in, and the provider's own id of the call. */
export interface OpenedStream<Chunk> {
  readonly chunks: AsyncIterable<Chunk>;
  readonly requestId: string | null;
}

/** Turns a provider call into model events: always exactly one `end`, the last, and promptly when the signal fires. */
export async function* providerEvents<Chunk>(
  call: ProviderCall<Chunk>,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  // A reader that stops early must not leave the request running (and billed): `hangUp` ends it in any case.
  const hangUp = new AbortController();
  try {
    const opened = await untilCancelled(() => call.open(AbortSignal.any([signal, hangUp.signal])), signal);
    if (opened.type === 'value') yield* readEvents(call, opened.value, signal);
    else yield endOf(failedEnd(call, opened));
  } finally {
    hangUp.abort();
  }
}

async function* readEvents<Chunk>(
  call: ProviderCall<Chunk>,
  { chunks, requestId }: OpenedStream<Chunk>,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const iterator = chunks[Symbol.asyncIterator]();
  while (!call.isComplete()) {
    const next = await untilCancelled(() => iterator.next(), signal);
    if (next.type !== 'value') return yield endOf(failedEnd(call, next));
    if (next.value.done === true) break;
    yield* call.accept(next.value.value);
  }
  yield endOf(
    signal.aborted && !call.isComplete() ? failedEnd(call, { type: 'cancelled' }) : call.finish(requestId),
  );
}

function endOf(end: ModelEnd): ModelEvent {
  return { type: 'end', end };
}

function failedEnd<Chunk>(call: ProviderCall<Chunk>, ended: Unfinished): ModelEnd {
  const reason = ended.type === 'cancelled' ? cancelled() : call.failureOf(ended.error);
  const usage = call.usageSoFar();
  return { type: 'failed', failure: reason, ...(usage === null ? {} : { usage }) };
}

/** The failure of a call that its caller no longer wants. */
export function cancelled(): Failure {
  return failure('cancelled', 'The call was cancelled before the model had answered.');
}

type Unfinished = { readonly type: 'error'; readonly error: unknown } | { readonly type: 'cancelled' };

/**
 * Waits for something the outer world does, but never longer than the signal allows.
 * Only calls into a provider's SDK go in here, so whatever they throw is the provider's or the network's.
 */
function untilCancelled<T>(
  start: () => Promise<T>,
  signal: AbortSignal,
): Promise<{ readonly type: 'value'; readonly value: T } | Unfinished> {
  return new Promise((resolve) => {
    const cancel = () => resolve({ type: 'cancelled' });
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel, { once: true });
    start()
      .then(
        (value) => resolve({ type: 'value', value }),
        (error: unknown) => resolve(signal.aborted ? { type: 'cancelled' } : { type: 'error', error }),
      )
      .finally(() => signal.removeEventListener('abort', cancel));
  });
}
