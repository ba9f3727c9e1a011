import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createSecureHttp1 } from 'node:https';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBench, echo, type Listener, loopbackCertificate, type Served, textOf } from './testing.ts';

const { transport, serve, listening, close } = createBench();
afterEach(close);

const trusted = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...trusted, loopbackCertificate.cert]));
afterAll(() => setDefaultCACertificates(trusted));

async function serveHttp2(listener: Listener): Promise<Served> {
  const server = createSecureServer(loopbackCertificate);
  server.on('request', listener as never);
  return await listening(server, 'https');
}

describe('over TLS', () => {
  it('a server that offers HTTP/2 gets all requests on one connection', async () => {
    const { url, sockets } = await serveHttp2(async (request, response) => {
      response.end(JSON.stringify({ version: request.httpVersion, body: await textOf(request) }));
    });
    const { fetch } = transport();
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        (await fetch(url, { method: 'POST', body: String(n) })).json(),
      ),
    );
    expect(answers).toEqual(answers.map((_, n) => ({ version: '2.0', body: String(n) })));
    expect(sockets).toHaveLength(1);
  });

  it('a server that does not offer HTTP/2 is spoken to in HTTP/1.1', async () => {
    const server = createSecureHttp1(loopbackCertificate, (request, response) => {
      response.end(request.httpVersion);
    });
    const { url, sockets } = await listening(server, 'https');
    const { fetch } = transport();
    expect(await (await fetch(url)).text()).toBe('1.1');
    expect(await (await fetch(url)).text()).toBe('1.1');
    expect(sockets).toHaveLength(1);
  });

  it('an abort resets its stream and leaves the others alone', async () => {
    const reset = Promise.withResolvers<void>();
    const { url, sockets } = await serveHttp2((request, response) => {
      if (request.url !== '/slow') return void response.end('quick');
      response.write('half');
      response.on('close', () => reset.resolve());
    });
    const { fetch } = transport();
    const calls = new AbortController();
    const slow = (await fetch(`${url}/slow`, { signal: calls.signal })).text();
    calls.abort();
    await expect(slow).rejects.toMatchObject({ name: 'AbortError' });
    await reset.promise;
    expect(await (await fetch(`${url}/quick`)).text()).toBe('quick');
    expect(sockets).toHaveLength(1);
  });

  it('requests beyond what one connection takes get another, and wait when there may be none', async () => {
    const server = createSecureServer({ ...loopbackCertificate, settings: { maxConcurrentStreams: 2 } });
    server.on('request', (_, response) => setImmediate(() => response.end('done')));
    const { url, sockets } = await listening(server, 'https');
    const { fetch } = transport({ connectionsMax: 2 });
    await (await fetch(url)).text();
    const answers = await Promise.all(Array.from({ length: 12 }, async () => (await fetch(url)).text()));
    expect(answers).toEqual(Array.from({ length: 12 }, () => 'done'));
    expect(sockets).toHaveLength(2);
  });

  it('silence ends a stream in a TimeoutError', async () => {
    const { url } = await serveHttp2(() => {});
    await expect(transport({ firstByteMsMax: 20 }).fetch(url)).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('a certificate that nobody vouches for fails the request, and the next one tries again', async () => {
    const { url, sockets } = await serveHttp2((_, response) => response.end('done'));
    setDefaultCACertificates(trusted);
    const { fetch } = transport();
    await expect(fetch(url)).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' });
    setDefaultCACertificates([...trusted, loopbackCertificate.cert]);
    expect(await (await fetch(url)).text()).toBe('done');
    expect(sockets).toHaveLength(2);
  });
});

/** Serves HTTP/2, but the first connection gets what a test gives it. */
async function serveHttp2After(first: (socket: TLSSocket) => void): Promise<Served> {
  const server = createSecureServer(loopbackCertificate, (_, response) => response.end('done'));
  const [speak] = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection').once('secureConnection', (socket: TLSSocket) => {
    server.on('secureConnection', speak as (socket: TLSSocket) => void);
    socket.on('error', () => {});
    first(socket);
  });
  return await listening(server, 'https');
}

describe('a connection', () => {
  it('that is reset before any request is on it ends nothing but itself', async () => {
    const server = createSecureHttp1(loopbackCertificate, (_, response) => response.end('done'));
    const { url, sockets } = await listening(server, 'https');
    const calls = new AbortController();
    server.on('connection', () => calls.abort());
    const shaken = once(server, 'secureConnection');
    const { fetch } = transport();
    await expect(fetch(url, { signal: calls.signal })).rejects.toMatchObject({ name: 'AbortError' });
    await shaken;
    sockets[0]?.resetAndDestroy();
    // An error that nobody listens for would end the process here.
    for (let turns = 0; turns < 10; turns++) await turn();
    expect(await (await fetch(url)).text()).toBe('done');
    expect(sockets).toHaveLength(2);
  });

  it('whose request is gone before it stands is used by the next one', async () => {
    const server = createSecureHttp1(loopbackCertificate, (_, response) => response.end('done'));
    const { url, sockets } = await listening(server, 'https');
    const calls = new AbortController();
    server.on('connection', () => calls.abort());
    const { fetch } = transport();
    await expect(fetch(url, { signal: calls.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(await (await fetch(url)).text()).toBe('done');
    expect(sockets).toHaveLength(1);
  });

  it.each([
    ['closes', (socket: TLSSocket) => socket.end(), { name: 'TypeError', message: 'fetch failed' }],
    ['breaks', (socket: TLSSocket) => socket.destroy(), { name: 'TypeError', message: 'fetch failed' }],
    ['is silent', () => {}, { name: 'TimeoutError' }],
  ])(
    'that %s before the settings of HTTP/2 fails, and the next request gets another',
    async (_, first, error) => {
      const { url } = await serveHttp2After(first);
      const { fetch } = transport({ connectMsMax: 100 });
      await expect(fetch(url)).rejects.toMatchObject(error);
      expect(await (await fetch(url)).text()).toBe('done');
    },
  );

  it.each([
    ['h2', 'http/1.1'],
    ['http/1.1', 'h2'],
  ])(
    'to a server that changes from %s to %s fails, and the next request speaks the new one',
    async (before, after) => {
      let version = before;
      const server = createSecureServer({
        ...loopbackCertificate,
        allowHTTP1: true,
        ALPNCallback: ({ protocols }) => (protocols.includes(version) ? version : undefined),
      });
      server.on('request', (request, response) => response.end(request.httpVersion));
      const { url, sockets } = await listening(server, 'https');
      const { fetch } = transport();
      const first = await (await fetch(url)).text();
      version = after;
      for (const socket of sockets) socket.destroy();
      for (let turns = 0; turns < 10; turns++) await turn();
      await expect(fetch(url)).rejects.toMatchObject({ message: 'fetch failed' });
      expect([first, await (await fetch(url)).text()]).toEqual(
        before === 'h2' ? ['2.0', '1.1'] : ['1.1', '2.0'],
      );
    },
  );
});

/** A proxy that knows one server by any name. */
async function proxyTo({ url }: Served): Promise<Served & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const port = Number(new URL(url).port);
  const proxy = createServer((request, response) => {
    asked.push(`${request.url} as ${request.headers['proxy-authorization']}`);
    response.end('by proxy');
  });
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`${request.url} as ${request.headers['proxy-authorization']}`);
    const server = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(socket).pipe(server);
    });
    server.on('error', () => socket.destroy());
    socket.on('error', () => server.destroy());
  });
  return { ...(await listening(proxy, 'http')), asked };
}

describe('a proxy', () => {
  it('digs a tunnel to secure servers, and never sees what is said', async () => {
    const server = await serveHttp2((request, response) => response.end(request.httpVersion));
    const proxy = await proxyTo(server);
    const https = proxy.url.replace('//', '//user:p%40ss@');
    const response = await transport({ proxy: { https } }).fetch('https://provider.test/v1');
    expect(await response.text()).toBe('2.0');
    const named = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(proxy.asked).toEqual([`provider.test:443 as ${named}`]);
  });

  it('is told the whole address of plain requests', async () => {
    const proxy = await proxyTo(await serve(echo));
    const response = await transport({ proxy: { http: proxy.url } }).fetch('http://provider.test/v1?a=1');
    expect(await response.text()).toBe('by proxy');
    expect(proxy.asked).toEqual(['http://provider.test/v1?a=1 as undefined']);
  });

  it('that refuses is named in the error', async () => {
    const proxy = createServer();
    proxy.on('connect', (_, socket: Socket) =>
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    );
    const { url } = await listening(proxy, 'http');
    const refused = transport({ proxy: { https: url } }).fetch('https://provider.test/');
    await expect(refused).rejects.toHaveProperty(
      'cause.message',
      `The proxy ${new URL(url).host} does not connect to provider.test:443: it answered 407`,
    );
  });
});
