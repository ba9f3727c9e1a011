import { expect, it } from 'vitest';
import { eventBatches } from './event-stream.ts';

async function batchesOf(...pieces: readonly (string | Uint8Array)[]) {
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece));
  return await Array.fromAsync(eventBatches(ReadableStream.from(bytes)));
}

const a = { event: 'a', data: '{"n":1}' };
const b = { event: 'message', data: '[DONE]' };
const text = 'event: a\ndata: {"n":1}\n\ndata: [DONE]\n\n';

it('the events of one piece come together', async () => {
  expect(await batchesOf(text)).toEqual([[a, b]]);
});

it('where a stream is cut into pieces does not matter', async () => {
  const whole = new TextEncoder().encode(`: é\n${text}`);
  for (let at = 1; at < whole.length; at++) {
    expect((await batchesOf(whole.subarray(0, at), whole.subarray(at))).flat()).toEqual([a, b]);
  }
});

it('a line may end in a carriage return and a line feed, also between two pieces', async () => {
  const whole = text.replaceAll('\n', '\r\n');
  for (let at = 1; at < whole.length; at++) {
    expect((await batchesOf(whole.slice(0, at), whole.slice(at))).flat()).toEqual([a, b]);
  }
});

it('data of several lines is one text, and a byte order mark is none', async () => {
  expect(await batchesOf('\uFEFFdata: one\ndata:two\ndata\n\n')).toEqual([
    [{ event: 'message', data: 'one\ntwo\n' }],
  ]);
});

it('comments, unknown fields and events without data say nothing', async () => {
  expect(await batchesOf(': ping\n\nevent: a\n\nid: 7\nretry: 5\n\n')).toEqual([]);
});

it('an event that is cut off is never taken for whole', async () => {
  expect(await batchesOf('data: whole\n\ndata: half')).toEqual([[{ event: 'message', data: 'whole' }]]);
});
