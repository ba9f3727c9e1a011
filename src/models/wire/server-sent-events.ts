/** One event of a stream; `type` is `message` where the server names none (HTML Standard, "Server-sent events"). */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Makes a reader of server-sent events: takes each piece of the network, and gives the events that it made whole.
 * So a long answer costs a few awaits instead of one for each word. What is unfinished at the end is dropped.
 */
export function createEventReader(): (bytes: Uint8Array) => readonly ServerSentEvent[] {
  const decoder = new TextDecoder();
  const read = createTextReader();
  return (bytes) => read(decoder.decode(bytes, { stream: true }));
}

/** So that a server which never ends a line cannot fill the memory. Whole answers fit in. */
const lineLengthMax = 64 * 1024 * 1024;

/** Takes text as it comes and gives the events that are whole. */
function createTextReader(): (text: string) => readonly ServerSentEvent[] {
  let rest = '';
  let type = '';
  let data: string | null = null;

  /** Cuts out nothing but the value: an answer is a thousand lines. Ids, retry times and comments are left out. */
  function takeLine(text: string, start: number, end: number): void {
    const isData = text.startsWith('data', start);
    if (!isData && !text.startsWith('event', start)) return;
    const colon = start + (isData ? 4 : 5);
    if (colon < end && text[colon] !== ':') return;
    const value = text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1, end);
    if (!isData) type = value;
    else data = data === null ? value : `${data}\n${value}`;
  }

  return (text) => {
    const events: ServerSentEvent[] = [];
    // What was held back has no end of a line: looked through with every piece, a long line would take the square of it.
    let feed = text.indexOf('\n');
    if (feed !== -1) feed += rest.length;
    const whole = rest + text;
    let start = 0;
    for (; feed !== -1; feed = whole.indexOf('\n', start)) {
      const end = feed > start && whole[feed - 1] === '\r' ? feed - 1 : feed;
      if (end > start) takeLine(whole, start, end);
      else {
        if (data !== null) events.push({ type: type === '' ? 'message' : type, data });
        [type, data] = ['', null];
      }
      start = feed + 1;
    }
    rest = whole.slice(start);
    if (rest.length > lineLengthMax)
      throw new RangeError(`A line is longer than ${lineLengthMax} characters.`);
    return events;
  };
}
