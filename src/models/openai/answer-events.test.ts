import { describe, expect, it } from 'vitest';
import { openedAnswer } from './answer-events.ts';

async function documentsOf(pieces: readonly string[], type = 'text/event-stream') {
  const bytes = ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));
  const { chunks } = openedAnswer(new Response(bytes, { headers: { 'content-type': type } }));
  const documents: unknown[] = [];
  let error: unknown = null;
  try {
    for await (const some of chunks) documents.push(...some);
  } catch (thrown) {
    error = thrown instanceof Error && 'error' in thrown ? thrown.error : thrown;
  }
  return { documents, error };
}

describe('reading an answer of OpenAI’s wires', () => {
  it('gives one document for each event, and the end mark as it is', async () => {
    const text = ': wait\n\ndata: {"a":1}\n\ndata: {"error":null,"a":2}\n\ndata: [DONE]\n\n';
    const documents = [{ a: 1 }, { error: null, a: 2 }, '[DONE]'];
    expect(await documentsOf([text])).toEqual({ documents, error: null });
    expect(await documentsOf([...text])).toEqual({ documents, error: null });
  });

  it('reads a whole document where nothing is streamed, also one of a response that failed', async () => {
    const type = 'application/json; charset=utf-8';
    expect(await documentsOf(['{"a":', '1}'], type)).toEqual({ documents: [{ a: 1 }], error: null });
    const failed = { object: 'response', error: { code: 'x' } };
    const read = await documentsOf([JSON.stringify(failed)], type);
    expect(read).toEqual({ documents: [failed], error: null });
    expect(await documentsOf(['{"error":{"code":502}}'], type)).toEqual({
      documents: [],
      error: { code: 502 },
    });
  });

  it.each([
    ['event: error\ndata: {"code":"x"}\n\n', { code: 'x' }],
    ['data: {"error":{"code":"x"}}\n\n', { code: 'x' }],
    ['data: {"error":"words"}\n\n', 'words'],
  ])('gives what came before, and rejects with the error that comes instead: %j', async (text, error) => {
    expect(await documentsOf([`data: {"a":1}\n\n${text}`])).toEqual({ documents: [{ a: 1 }], error });
  });
});
