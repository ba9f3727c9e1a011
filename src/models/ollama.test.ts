import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findOllama } from './index.ts';
import { ollamaUrl } from './ollama.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Answers `/api/tags` with a body; null never answers. Gives `host:port`. */
async function serve(body: string | null): Promise<string> {
  const server = createServer((request, response) => {
    if (body !== null) response.writeHead(request.url === '/api/tags' ? 200 : 404).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function find(url: string, signal = new AbortController().signal) {
  return findOllama({ url, fetch: globalThis.fetch, signal, waitMsMax: 150 });
}

describe('looking for Ollama', () => {
  it('lists the installed models that can chat', async () => {
    const models = [
      { name: 'qwen3:8b' },
      { name: 'nomic-embed-text:latest' },
      { name: 'minilm', details: { family: 'bert' } },
    ];
    expect(await find(await serve(JSON.stringify({ models })))).toEqual(['qwen3:8b']);
  });

  it('finds nothing where nobody listens, nobody answers, or something else does', async () => {
    const silent = await serve(null);
    expect(await find(silent)).toBeNull();
    for (const server of open.splice(0)) server.close();
    expect(await find(silent)).toBeNull();
    expect(await find(await serve('<html>'))).toBeNull();
    expect(await find(await serve('{"hello":"world"}'))).toBeNull();
    expect(await find('not a host')).toBeNull();
  });

  it('stops looking when the caller leaves', async () => {
    expect(await find(await serve(null), AbortSignal.abort())).toBeNull();
  });

  it.each([
    [undefined, 'http://127.0.0.1:11434'],
    [' ', 'http://127.0.0.1:11434'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['gpu-box:9000', 'http://gpu-box:9000'],
    ['gpu-box', 'http://gpu-box:11434'],
    ['https://ollama.example/', 'https://ollama.example'],
    ['http://127.0.0.1:11434/v1/', 'http://127.0.0.1:11434'],
  ])('understands the Ollama address %s', (written, url) => {
    expect(ollamaUrl(written)).toBe(url);
  });
});
