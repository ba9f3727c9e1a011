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
});
