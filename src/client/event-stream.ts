import type { Platform } from './platform.ts';

/** One event as it was sent; fields that were absent are empty (HTML Standard, "Server-sent events"). */
export interface SentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** How long a stream may be silent: three of the server's heartbeats, which come every 15 s. */
const silenceMsMax = 45_000;

/**
 * Reads server-sent events, all that one piece of the network brought at a time; heartbeats bring none.
 * Ends where the server ends the stream, where it is silent for too long, and where the connection breaks.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  { sleep }: Platform,
): AsyncGenerator<readonly SentEvent[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const read = createEventReader();
  try {
    for (;;) {
      const bytes = await readWithin(reader, sleep);
      if (bytes === null) return;
      yield read(decoder.decode(bytes, { stream: true }));
    }
  } finally {
    // Whoever stops listening hangs up; a connection that is broken already says so again here.
    await reader.cancel().catch(() => {});
  }
}

/** Null where there is no more to come. */
async function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  sleep: Platform['sleep'],
): Promise<Uint8Array | null> {
  const heard = new AbortController();
  const silence = sleep(silenceMsMax, heard.signal).then(() => null);
  try {
    // A read that fails is a connection that broke: the same to whoever listens as its end.
    const reading = reader.read().then(
      ({ value }) => value ?? null,
      () => null,
    );
    return await Promise.race([reading, silence]);
  } finally {
    heard.abort();
  }
}

/** Takes text as it comes and gives the events that are whole. */
export function createEventReader(): (text: string) => readonly SentEvent[] {
  let rest = '';
  let fields: Record<string, string> = {};
  return (text) => {
    const events: SentEvent[] = [];
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const content = line.endsWith('\r') ? line.slice(0, -1) : line;
      if (content === '') {
        const { data, id = '', event = '' } = fields;
        if (data !== undefined) events.push({ id, type: event, data });
        fields = {};
      } else fields = withLine(fields, content);
    }
    return events;
  };
}

/** A line without a name before its colon is a comment. */
function withLine(fields: Readonly<Record<string, string>>, line: string): Record<string, string> {
  const colon = line.indexOf(':');
  if (colon === 0) return fields;
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
  const before = fields[name];
  return { ...fields, [name]: name === 'data' && before !== undefined ? `${before}\n${value}` : value };
}
