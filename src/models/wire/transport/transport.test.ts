import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Anthropic } from '@anthropic-ai/sdk';
import { OpenAI } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createBench, echo } from './testing.ts';
import type { TransportOptions } from './transport.ts';

const { transport, serve, close: closeAll } = createBench();
afterEach(closeAll);

describe('a request', () => {
  it('arrives as it was given, and so does its answer', async () => {
    const { url } = await serve(echo);
    const response = await transport().fetch(`${url}/v1/messages?a=1`, {
      method: 'POST',
      headers: { 'x-api-key': 'k' },
      body: 'né',
    });
    const heard = (await response.json()) as { headers: Record<string, string> };
    expect(response).toMatchObject({
      ok: true,
      status: 200,
      statusText: 'OK',
      url: `${url}/v1/messages?a=1`,
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(heard).toMatchObject({ method: 'POST', url: '/v1/messages?a=1', body: 'né' });
    expect(heard.headers).toMatchObject({ 'x-api-key': 'k', 'content-length': '3', host: new URL(url).host });
  });

  it('may be a Request or carry a form', async () => {
    const { url } = await serve(echo);
    const { fetch } = transport();
    const plain = await fetch(new Request(url, { method: 'PUT', body: 'x' }));
    expect(await plain.json()).toMatchObject({ method: 'PUT', body: 'x' });
    const form = new FormData();
    form.set('purpose', 'batch');
    const sent = await fetch(url, { method: 'POST', body: form });
    const heard = (await sent.json()) as { body: string; headers: Record<string, string> };
    expect(heard.body).toContain('batch');
    expect(heard.headers['content-type']).toContain('multipart/form-data; boundary=');
  });

  it('uses the connection that the last one left', async () => {
    const { url, sockets } = await serve(echo);
    const { fetch } = transport();
    for (let round = 0; round < 3; round++) await (await fetch(url)).text();
    expect(sockets).toHaveLength(1);
  });

  it('waits when all connections are in use', async () => {
    let most = 0;
    let now = 0;
    const { url, sockets } = await serve((_, response) => {
      most = Math.max(most, ++now);
      setImmediate(() => {
        now -= 1;
        response.end('done');
      });
    });
    const { fetch } = transport({ connectionsMax: 2 });
    const answers = await Promise.all(Array.from({ length: 9 }, async () => (await fetch(url)).text()));
    expect(answers).toEqual(Array.from({ length: 9 }, () => 'done'));
    expect(most).toBeLessThanOrEqual(2);
    expect(sockets.length).toBeLessThanOrEqual(2);
  });

  it('never follows a redirect', async () => {
    const { url, sockets } = await serve((_, response) => response.writeHead(307, { location: '/b' }).end());
    const response = await transport().fetch(url);
    expect(response).toMatchObject({ status: 307, ok: false, redirected: false });
    expect(sockets).toHaveLength(1);
  });

  it('that finds no server fails as with the platform: the SDKs read the cause', async () => {
    const { url, close } = await serve(echo);
    close();
    const failed = transport().fetch(url);
    await expect(failed).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' });
    await expect(failed).rejects.toHaveProperty('cause.code', 'ECONNREFUSED');
  });
});

describe('an answer', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('is unpacked when the server packs it with %s unasked', async (encoding, pack) => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(pack('{"packed":true}'));
    });
    expect(await (await transport().fetch(url)).json()).toEqual({ packed: true });
  });

  it('can be read in every way the platform knows', async () => {
    const { url } = await serve((_, response) => response.end('some words'));
    const answer = async (): Promise<Response> => await transport().fetch(url);
    expect(await (await answer()).text()).toBe('some words');
    expect(Buffer.from(await (await answer()).arrayBuffer()).toString()).toBe('some words');
    expect(await (await (await answer()).blob()).text()).toBe('some words');
    const { value } = (await (await answer()).body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe('some words');
    const piped = (await answer()).body?.pipeThrough(new TextDecoderStream());
    expect(await Array.fromAsync(piped ?? [])).toEqual(['some words']);
    const first = await answer();
    const second = first.clone();
    expect([await first.text(), await second.text()]).toEqual(['some words', 'some words']);
  });

  it('can be read once', async () => {
    const { url } = await serve((_, response) => response.end('some words'));
    const response = await transport().fetch(url);
    await response.text();
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow('already been read');
  });

  it('comes piece by piece as the server sends it', async () => {
    let more: () => void = () => {};
    const { url } = await serve((_, response) => {
      response.write('first');
      more = () => response.end('second');
    });
    const pieces: string[] = [];
    for await (const piece of (await transport().fetch(url)).body ?? []) {
      pieces.push(Buffer.from(piece).toString());
      more();
    }
    expect(pieces).toEqual(['first', 'second']);
  });

  it('of which the reader wants no more leaves its connection to the next request', async () => {
    const { url, sockets } = await serve((_, response) =>
      response.writeHead(429).end('{"error":"slow down"}'),
    );
    const { fetch } = transport();
    await (await fetch(url)).body?.cancel();
    await (await fetch(url)).text();
    expect(sockets).toHaveLength(1);
  });

  it('that is cut off fails in the middle and is never taken for whole', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.socket?.destroy());
    });
    const response = await transport().fetch(url);
    await expect(response.text()).rejects.toMatchObject({ name: 'TypeError', message: 'terminated' });
  });
});

describe('an abort', () => {
  it('closes the connection at once, before the answer has begun', async () => {
    const calls = new AbortController();
    const closed = Promise.withResolvers<void>();
    const { url } = await serve((request) => {
      request.socket.on('close', () => closed.resolve());
      calls.abort();
    });
    await expect(transport().fetch(url, { signal: calls.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await closed.promise;
  });

  it('closes the connection at once, in the middle of an answer', async () => {
    const closed = Promise.withResolvers<void>();
    const { url } = await serve((request, response) => {
      request.socket.on('close', () => closed.resolve());
      response.write('half');
    });
    const calls = new AbortController();
    const response = await transport().fetch(url, { signal: calls.signal });
    const read = response.text();
    calls.abort();
    await expect(read).rejects.toMatchObject({ name: 'AbortError' });
    await closed.promise;
  });

  it('takes a request out of the queue', async () => {
    const held = Promise.withResolvers<void>();
    const { url } = await serve((_, response) => void held.promise.then(() => response.end('done')));
    const { fetch } = transport({ connectionsMax: 1 });
    const first = fetch(url);
    const calls = new AbortController();
    const second = fetch(url, { signal: calls.signal });
    const third = fetch(url);
    calls.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    held.resolve();
    expect(await (await first).text()).toBe('done');
    expect(await (await third).text()).toBe('done');
  });

  it('that came before the request rejects it with its own reason', async () => {
    const { url, sockets } = await serve(echo);
    const gone = transport().fetch(url, { signal: AbortSignal.abort('enough') });
    await expect(gone).rejects.toBe('enough');
    expect(sockets).toHaveLength(0);
  });

  it('leaves nothing on a signal that outlives the request', async () => {
    const { url } = await serve(echo);
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const { addEventListener, removeEventListener } = signal;
    Object.assign(signal, {
      addEventListener: (type: string, listener: () => void) => {
        listeners.add(listener);
        addEventListener.call(signal, type, listener);
      },
      removeEventListener: (type: string, listener: () => void) => {
        listeners.delete(listener);
        removeEventListener.call(signal, type, listener);
      },
    });
    await (await transport().fetch(url, { signal })).text();
    expect(listeners.size).toBe(0);
  });
});

describe('silence', () => {
  it('before the first byte ends in a TimeoutError that says whom it waited for', async () => {
    const { url } = await serve(() => {});
    const late = transport({ firstByteMsMax: 20 }).fetch(url);
    await expect(late).rejects.toMatchObject({
      name: 'TimeoutError',
      message: `Timed out: ${new URL(url).host} did not begin to answer within 0.02 s`,
    });
  });

  it('in the middle of an answer ends in a TimeoutError', async () => {
    const { url } = await serve((_, response) => response.write('half'));
    const response = await transport({ betweenBytesMsMax: 20 }).fetch(url);
    await expect(response.text()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('the end of a transport', () => {
  it('closes connections in use', async () => {
    const { url } = await serve((_, response) => response.write('half'));
    const own = transport();
    const read = (await own.fetch(url)).text();
    own.close();
    await expect(read).rejects.toMatchObject({ message: 'terminated' });
  });
});

describe("the vendors' SDKs", () => {
  const sse = (...events: readonly unknown[]): string =>
    events
      .map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join('');

  it('stream over it', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        request.url === '/v1/messages'
          ? sse({ type: 'message_start', message: { id: 'm' } }, { type: 'message_stop' })
          : 'data: {"id":"c","choices":[]}\n\ndata: [DONE]\n\n',
      );
    });
    const { fetch } = transport();
    const anthropic = new Anthropic({ apiKey: 'k', baseURL: url, fetch });
    const openai = new OpenAI({ apiKey: 'k', baseURL: url, fetch });
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const a = await anthropic.messages.create({ model: 'm', max_tokens: 9, messages, stream: true });
    const o = await openai.chat.completions.create({ model: 'm', messages, stream: true });
    expect((await Array.fromAsync(a)).map(({ type }) => type)).toEqual(['message_start', 'message_stop']);
    expect(await Array.fromAsync(o)).toEqual([{ id: 'c', choices: [] }]);
  });

  it('understand its refusals, failures and timeouts', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/v1/messages') response.writeHead(529, { 'request-id': 'r' }).end('{"error":{}}');
    });
    const sdk = (options: TransportOptions, baseURL = url): Anthropic =>
      new Anthropic({ apiKey: 'k', baseURL, maxRetries: 0, fetch: transport(options).fetch });
    const ask = (client: Anthropic): Promise<unknown> =>
      client.messages.create({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] });
    const refused: unknown = await ask(sdk({})).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Anthropic.APIError);
    expect((refused as { headers: unknown }).headers).toBeInstanceOf(Headers);
    await expect(ask(sdk({ firstByteMsMax: 20 }, `${url}/late`))).rejects.toBeInstanceOf(
      Anthropic.APIConnectionTimeoutError,
    );
    await expect(ask(sdk({}, 'http://127.0.0.1:1'))).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
  });
});
