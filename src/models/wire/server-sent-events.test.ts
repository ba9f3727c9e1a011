import { describe, expect, it } from 'vitest';
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.ts';

/** What is read of a text that comes in pieces of so many bytes. */
async function readIn(size: number, text: string): Promise<readonly ServerSentEvent[]> {
  const bytes = new TextEncoder().encode(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  }
  const events: ServerSentEvent[] = [];
  for await (const some of serverSentEvents(pieces())) events.push(...some);
  return events;
}

describe('server-sent events', () => {
  it('are the same however the network cuts them', async () => {
    const text =
      'event: a\ndata: {"x":"für"}\n\n: a comment\n\r\nevent: b\r\ndata:1\r\ndata: 2\r\n\r\ndata\n\n';
    const events = [
      { type: 'a', data: '{"x":"für"}' },
      { type: 'b', data: '1\n2' },
      { type: 'message', data: '' },
    ];
    for (const size of [1, 2, 3, 7, 1000]) expect(await readIn(size, text)).toEqual(events);
  });

  it('are dropped where they are not whole, and where they have no data', async () => {
    expect(await readIn(5, 'event: a\n\nid: 7\n\ndata: 1\n\ndata: 2\n')).toEqual([
      { type: 'message', data: '1' },
    ]);
  });

  it('come together where one piece of the network brought them together', async () => {
    const bytes = new TextEncoder().encode('data: 1\n\ndata: 2\n\ndata: 3');
    const batches = await Array.fromAsync(serverSentEvents(ReadableStream.from([bytes])));
    expect(batches.map((batch) => batch.map(({ data }) => data))).toEqual([['1', '2']]);
  });

  it('have data of several lines as one text, and no byte order mark', async () => {
    expect(await readIn(1000, '\uFEFFdata: one\ndata:two\ndata\n\n')).toEqual([
      { type: 'message', data: 'one\ntwo\n' },
    ]);
  });

  it('may be huge and come in many pieces', async () => {
    const [piece, count] = [new Uint8Array(4096).fill(97), 6000];
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('data: ');
      for (let at = 0; at < count; at++) yield piece;
      yield Buffer.from('\n\n');
    }
    const [events] = await Array.fromAsync(serverSentEvents(pieces()));
    expect(events?.[0]?.data).toHaveLength(piece.length * count);
  });

  it('leave out comments and fields of other names, also those that begin like one of theirs', async () => {
    expect(await readIn(4, ': ping\n\nevent: a\n\nid: 7\nretry: 5\ndatabase: 1\nevents: b\n\n')).toEqual([]);
  });
});
