import { describe, expect, it } from 'vitest';
import { createEventReader, type ServerSentEvent } from './server-sent-events.ts';

/** What is read of a text that comes in pieces of so many bytes. */
function readIn(size: number, text: string): readonly ServerSentEvent[] {
  const bytes = new TextEncoder().encode(text);
  const read = createEventReader();
  const events: ServerSentEvent[] = [];
  for (let at = 0; at < bytes.length; at += size) events.push(...read(bytes.slice(at, at + size)));
  return events;
}

describe('server-sent events', () => {
  it('are the same however the network cuts them', () => {
    const text =
      'event: a\ndata: {"x":"für"}\n\n: a comment\n\r\nevent: b\r\ndata:1\r\ndata: 2\r\n\r\ndata\n\n';
    const events = [
      { type: 'a', data: '{"x":"für"}' },
      { type: 'b', data: '1\n2' },
      { type: 'message', data: '' },
    ];
    for (const size of [1, 2, 3, 7, 1000]) expect(readIn(size, text)).toEqual(events);
  });

  it('are dropped where they are not whole, and where they have no data', () => {
    expect(readIn(5, 'event: a\n\nid: 7\n\ndata: 1\n\ndata: 2\n')).toEqual([{ type: 'message', data: '1' }]);
  });

  it('come together where one piece of the network brought them together', () => {
    const bytes = new TextEncoder().encode('data: 1\n\ndata: 2\n\ndata: 3');
    expect(createEventReader()(bytes).map(({ data }) => data)).toEqual(['1', '2']);
  });

  it('have data of several lines as one text, and no byte order mark', () => {
    expect(readIn(1000, '\uFEFFdata: one\ndata:two\ndata\n\n')).toEqual([
      { type: 'message', data: 'one\ntwo\n' },
    ]);
  });

  it('may be huge and come in many pieces', () => {
    const [piece, count] = [new Uint8Array(4096).fill(97), 6000];
    const read = createEventReader();
    read(Buffer.from('data: '));
    for (let at = 0; at < count; at++) read(piece);
    expect(read(Buffer.from('\n\n'))[0]?.data).toHaveLength(piece.length * count);
  });

  it('leave out comments and fields of other names, also those that begin like one of theirs', () => {
    expect(readIn(4, ': ping\n\nevent: a\n\nid: 7\nretry: 5\ndatabase: 1\nevents: b\n\n')).toEqual([]);
  });
});
