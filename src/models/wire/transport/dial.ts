import { request as openRequest } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { PoolParts } from './pool.ts';
import { proxyAuthorization } from './proxy.ts';
import { neverSent, timeoutError } from './transport-error.ts';

/** Opens one more connection to an origin, ready for its first request. Rejects with the reason why not, as never sent. */
export type Dial = (offered: readonly HttpVersion[]) => Promise<Connection>;

/** A version of HTTP, by the name it has in a TLS handshake (RFC 7301). */
export type HttpVersion = 'h2' | 'http/1.1';

/** A socket, and what is spoken on it. */
export interface Connection {
  readonly socket: Socket;
  readonly version: HttpVersion;
}

/** Makes what dials an origin: over TLS where its URL says so, through a proxy where there is one. */
export function createDialer(url: URL, parts: PoolParts): Dial {
  const dial = dialerOf(url, parts);
  return (offered) =>
    dial(offered).catch((error: unknown) => {
      throw neverSent(error);
    });
}

function dialerOf(url: URL, { proxy, limits }: PoolParts): Dial {
  const waitMs = limits.connectMsMax;
  let session: Buffer | undefined;
  if (url.protocol === 'http:') {
    return async () => ({ socket: await plainOrSecure(proxy ?? url, waitMs), version: 'http/1.1' });
  }
  return async (offered) => {
    const base = proxy === null ? null : await tunnel(proxy, url, waitMs);
    const socket = await secure(url, { base, session, waitMs, offered });
    // Taken up again, a session spares the handshake its public keys: most of a connection's CPU.
    socket.on('session', (fresh) => {
      session = fresh;
    });
    // Servers that do not know the question speak what there was before it.
    return { socket, version: socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1' };
  };
}

async function plainOrSecure(url: URL, waitMs: number): Promise<Socket> {
  if (url.protocol === 'https:') return await secure(url, { base: null, waitMs, offered: ['http/1.1'] });
  return await opened(connect(addressOf(url)), { url, waitMs, event: 'connect' });
}

interface ToSecure {
  /** A connection that already leads to the server. */
  readonly base: Socket | null;
  readonly session?: Buffer | undefined;
  readonly waitMs: number;
  readonly offered: readonly HttpVersion[];
}

async function secure(url: URL, { base, session, waitMs, offered }: ToSecure): Promise<TLSSocket> {
  const tls = await import('node:tls');
  const { host } = addressOf(url);
  const socket = tls.connect({
    ...addressOf(url),
    ALPNProtocols: [...offered],
    ...(base === null ? {} : { socket: base }),
    ...(session === undefined ? {} : { session }),
    // Addresses are no names: the standard does not let them stand here (RFC 6066, 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  return await opened(socket, { url, waitMs, event: 'secureConnect' });
}

interface ToOpen {
  readonly url: URL;
  readonly waitMs: number;
  readonly event: 'connect' | 'secureConnect';
}

function opened<S extends Socket>(socket: S, { url, waitMs, event }: ToOpen): Promise<S> {
  return new Promise((resolve, reject) => {
    const late = (): void => void socket.destroy(timeoutError(url.host, 'could not be connected to', waitMs));
    // For the socket's life: between the handshake and the first request nobody else listens, and a reset is no crash.
    socket.on('error', reject);
    socket.setTimeout(waitMs, late);
    socket.once(event, () => {
      socket.setTimeout(0, late);
      resolve(socket);
    });
  });
}

/** Has the proxy connect to the server and pass on whatever is said (RFC 9110, 9.3.6). */
async function tunnel(proxy: URL, url: URL, waitMs: number): Promise<Socket> {
  const socket = await plainOrSecure(proxy, waitMs);
  const { host, port } = addressOf(url);
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return await new Promise((resolve, reject) => {
    const asked = openRequest({
      createConnection: () => socket,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      timeout: waitMs,
    });
    asked.on('error', reject);
    asked.on('timeout', () =>
      asked.destroy(timeoutError(proxy.host, `(the proxy) could not connect to ${target}`, waitMs)),
    );
    asked.on('connect', ({ statusCode = 0 }, connected) => {
      if (statusCode >= 200 && statusCode < 300) return resolve(connected as Socket);
      connected.destroy();
      reject(new Error(`The proxy ${proxy.host} does not connect to ${target}: it answered ${statusCode}`));
    });
    asked.end();
  });
}

function addressOf(url: URL) {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    noDelay: true,
    // Models think for minutes without a word: routers forget connections that are silent for so long.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  };
}
