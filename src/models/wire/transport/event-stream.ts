/** One event of a stream. */
export interface ServerEvent {
  /** `message` where the server names none (HTML standard, "event stream interpretation"). */
  readonly event: string;
  readonly data: string;
}

/**
 * Reads an event stream, all events of one piece of it at a time: a promise per piece, not one per event, is half the
 * price of the SDKs' own readers. Ids and retry times, which no provider sends, are left out, and so are comments.
 */
export async function* eventBatches(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ServerEvent[]> {
  const decoder = new TextDecoder();
  const lines = createLineReader();
  const events = createEventReader();
  for await (const bytes of body) {
    const batch = events.read(lines.read(decoder.decode(bytes, { stream: true })));
    if (batch.length > 0) yield batch;
  }
  // What no blank line ended was cut off, and is dropped (same standard).
}

interface LineReader {
  /** Gives the lines that are whole by now. */
  read(text: string): readonly string[];
}

function createLineReader(): LineReader {
  let rest = '';
  return {
    read(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    },
  };
}

interface EventReader {
  /** Gives the events that are whole by now. */
  read(lines: readonly string[]): readonly ServerEvent[];
}

function createEventReader(): EventReader {
  let event = '';
  let data: string | null = null;
  const finished = (): ServerEvent | null => {
    const whole = data === null ? null : { event: event || 'message', data };
    event = '';
    data = null;
    return whole;
  };
  const take = (line: string): void => {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') event = value;
    else if (name === 'data') data = data === null ? value : `${data}\n${value}`;
  };
  return {
    read(lines) {
      const batch: ServerEvent[] = [];
      for (const line of lines) {
        if (line !== '') take(line);
        else {
          const whole = finished();
          if (whole !== null) batch.push(whole);
        }
      }
      return batch;
    },
  };
}
