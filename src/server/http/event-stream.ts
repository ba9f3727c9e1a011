import type { Clock } from '../../core/index.ts';
import type { LiveEvent } from '../../jobs/index.ts';
import { deltaOnWire, eventOnWire } from '../shapes/event.ts';

/** What an event stream is made of. */
export interface StreamParts {
  /** Ends soon after `over` or `closing` has fired. */
  readonly events: AsyncIterable<LiveEvent>;
  readonly clock: Clock;
  /** How often it says that it is still there. */
  readonly heartbeatMs: number;
  /** False: words of models are left out. */
  readonly hasDeltas: boolean;
  /** Asked at each beat: whose key has ended hears no more. */
  mayGoOn(): Promise<boolean>;
  /** Fires when the server closes: the client comes back to another one. */
  readonly closing: AbortSignal;
  /** Fired when nobody reads on, however it ends. */
  readonly over: AbortController;
}

/** How long a client waits before it comes back, in ms. */
const retryMs = 2_000;

/**
 * Writes events as server-sent events (HTML Standard, 9.2). The next one is only asked for once the client has taken
 * the last: a slow client slows its own stream and nothing else.
 */
export function eventStream(parts: StreamParts): ReadableStream<Uint8Array> {
  const frames = framesOf(parts);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await frames.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel() {
        parts.over.abort();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* framesOf({ events, clock, heartbeatMs, hasDeltas, mayGoOn, closing, over }: StreamParts) {
  const iterator = events[Symbol.asyncIterator]();
  const beat = async (): Promise<'beat'> => {
    await clock.sleep(heartbeatMs, over.signal);
    return 'beat';
  };
  try {
    yield `retry: ${retryMs}\n\n`;
    let coming = iterator.next();
    let nextBeat = beat();
    while (!over.signal.aborted) {
      const heard = await Promise.race([coming, nextBeat]);
      if (heard === 'beat') {
        if (!(await mayGoOn())) {
          yield ': the key has ended\n\n';
          return;
        }
        yield ': still here\n\n';
        nextBeat = beat();
        continue;
      }
      if (heard.done === true) break;
      const { value } = heard;
      if (value.seq !== undefined || hasDeltas) yield frameOf(value);
      coming = iterator.next();
    }
    if (closing.aborted) yield ': the server closes, come back\n\n';
  } finally {
    over.abort();
  }
}

function frameOf(event: LiveEvent): string {
  if (event.seq === undefined) return `event: ${event.type}\ndata: ${JSON.stringify(deltaOnWire(event))}\n\n`;
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(eventOnWire(event))}\n\n`;
}
