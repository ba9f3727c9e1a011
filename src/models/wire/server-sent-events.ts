/** One event of a stream; `type` is `message` where the server names none (HTML Standard, "Server-sent events"). */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Reads server-sent events, all that one piece of the network brought at a time.
 * So a long answer costs a few awaits instead of one for each word. What is unfinished at the end is dropped.
 */
export async function* serverSentEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ServerSentEvent[]> {
  const decoder = new TextDecoder();
  const reader = createReader();
  for await (const bytes of body) {
    const events = reader(decoder.decode(bytes, { stream: true }));
    if (events.length > 0) yield events;
  }
}

/** So that a server which never ends a line cannot fill the memory. Whole answers fit in. */
const lineLengthMax = 64 * 1024 * 1024;

/** Takes text as it comes and gives the events that are whole. */
function createReader(): (text: string) => readonly ServerSentEvent[] {
  let rest = '';
  let type = '';
  let data: string | null = null;

  function takeField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') type = value;
    else if (name === 'data') data = data === null ? value : `${data}\n${value}`;
  }

  return (text) => {
    const events: ServerSentEvent[] = [];
    const whole = rest + text;
    let start = 0;
    for (let end = whole.indexOf('\n'); end !== -1; end = whole.indexOf('\n', start)) {
      const line = whole.slice(start, whole[end - 1] === '\r' && end > start ? end - 1 : end);
      start = end + 1;
      if (line !== '') takeField(line);
      else {
        if (data !== null) events.push({ type: type === '' ? 'message' : type, data });
        [type, data] = ['', null];
      }
    }
    rest = whole.slice(start);
    if (rest.length > lineLengthMax)
      throw new RangeError(`A line is longer than ${lineLengthMax} characters.`);
    return events;
  };
}
