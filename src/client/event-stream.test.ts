import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventReader, readEventStream } from './event-stream.ts';
import { createHastyPlatform } from './testing.ts';

const sent =
  'id: 1\r\nevent: warning\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: beat\n\nretry: 2000\n\ndata:é\n\ndata: lost';
const read = [
  { id: '1', type: 'warning', data: '{"a":\n1}' },
  { id: '', type: '', data: 'é' },
];

describe('an event stream', () => {
  it('is read the same, wherever the network cuts it', async () => {
    const bytes = new TextEncoder().encode(sent);
    const cuts = fc.uniqueArray(fc.nat(bytes.length), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const ends = [...places].sort((a, b) => a - b);
        const pieces = [0, ...ends].map((start, at) => bytes.slice(start, ends[at] ?? bytes.length));
        const body = ReadableStream.from(pieces) as unknown as ReadableStream<Uint8Array>;
        const events = await Array.fromAsync(readEventStream(body, createHastyPlatform()));
        expect(events.flat()).toEqual(read);
      }),
    );
  });

  it('gives no event for heartbeats', () => {
    expect(createEventReader()(': beat\n\n: beat\n\n')).toEqual([]);
  });

  it('ends when it is silent for three heartbeats', async () => {
    const platform = createHastyPlatform();
    const silent = new ReadableStream<Uint8Array>();
    const sleeps: number[] = [];
    const sleep = async (ms: number): Promise<void> => void sleeps.push(ms);
    expect(await Array.fromAsync(readEventStream(silent, { ...platform, sleep }))).toEqual([]);
    expect(sleeps).toEqual([45_000]);
  });
});
