import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BeforeSend } from '../../../core/index.ts';
import { createBench, loopbackCertificate, type Served } from './testing.ts';

const { transport, serve, listening, close } = createBench();
afterEach(close);

const trusted = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...trusted, loopbackCertificate.cert]));
afterAll(() => setDefaultCACertificates(trusted));

describe.each(['http/1.1', 'h2'])('what comes before the sending over %s', (version) => {
  let heard: string[];
  let server: Served;
  let fetch: (path: string, more: { beforeSend?: BeforeSend; signal?: AbortSignal }) => Promise<Response>;
  beforeEach(async () => {
    heard = [];
    server = await serveVersion(version, (path) => heard.push(path));
    const { fetch: send } = transport();
    fetch = (path, more) => send(`${server.url}${path}`, { method: 'POST', body: 'x', ...more });
  });

  it('comes when there is a connection, new or kept, and before a byte is written', async () => {
    const seen: unknown[] = [];
    const beforeSend = (): null => {
      seen.push({ connections: server.sockets.length, heard: [...heard] });
      return null;
    };
    await (await fetch('/a', { beforeSend })).text();
    await (await fetch('/b', { beforeSend })).text();
    expect(seen).toEqual([
      { connections: 1, heard: [] },
      { connections: 1, heard: ['/a'] },
    ]);
  });

  it('is waited for', async () => {
    const gate = Promise.withResolvers<void>();
    const sent = fetch('/late', { beforeSend: () => gate.promise });
    await (await fetch('/now', {})).text();
    expect(heard).toEqual(['/now']);
    gate.resolve();
    expect(await (await sent).text()).toBe('done');
    expect(heard).toEqual(['/now', '/late']);
  });

  it('may take so long that the request is no longer wanted: then nobody hears of it', async () => {
    const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const calls = new AbortController();
    const beforeSend = (): Promise<void> => {
      asked.resolve();
      return gate.promise;
    };
    const sent = fetch('/unwanted', { beforeSend, signal: calls.signal });
    await asked.promise;
    calls.abort();
    gate.resolve();
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    await (await fetch('/next', {})).text();
    expect(heard).toEqual(['/next']);
  });

  it('may take so long that the connection is gone: then the request fails as one that was never sent', async () => {
    const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const beforeSend = (): Promise<void> => {
      asked.resolve();
      return gate.promise;
    };
    const sent = fetch('/cut', { beforeSend });
    sent.catch(() => {});
    await asked.promise;
    await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
    const [socket] = server.sockets;
    const closed = once(socket ?? process, 'close');
    socket?.destroy();
    await closed;
    for (let turns = 0; turns < 10; turns++) await turn();
    gate.resolve();
    await expect(sent).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' });
    expect(await (await fetch('/next', {})).text()).toBe('done');
    expect(heard).toEqual(['/next']);
  });
});

async function serveVersion(version: string, hear: (path: string) => void): Promise<Served> {
  if (version === 'http/1.1') {
    return await serve((request, response) => {
      hear(request.url ?? '');
      response.end('done');
    });
  }
  const server = createSecureServer(loopbackCertificate);
  server.on('request', (request, response) => {
    hear(request.url);
    response.end('done');
  });
  return await listening(server, 'https');
}
