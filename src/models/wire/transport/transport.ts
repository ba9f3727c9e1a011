import type { Fetch } from '../provider-fetch.ts';
import { type Connection, createDialer, type Dial, type HttpVersion } from './dial.ts';
import { createHttp1Pool } from './http1.ts';
import { readOutgoing } from './outgoing.ts';
import type { Pool, PoolLimits, PoolParts } from './pool.ts';
import { type ProxySettings, proxyChooser } from './proxy.ts';
import { connectionError, neverSent, untilAborted } from './transport-error.ts';

/** How requests leave the process; every field has a default that suits providers of language models. */
export interface TransportOptions {
  /** Proxies to go through. None when absent. */
  readonly proxy?: ProxySettings;
  /** Connections to one origin; requests beyond them wait for one to be free. 1,024 when absent. */
  readonly connectionsMax?: number;
  /** Wait for a connection, TLS included, in ms. 10 s when absent. */
  readonly connectMsMax?: number;
  /** Wait for the first byte of an answer, in ms. 10 minutes when absent (the SDKs' own limit). */
  readonly firstByteMsMax?: number;
  /** Silence in the middle of an answer, in ms. 5 minutes when absent: models that think send nothing meanwhile. */
  readonly betweenBytesMsMax?: number;
}

/** Where requests leave: a `fetch` over kept connections, and the end of them all. */
export interface Transport {
  /**
   * As the platform's `fetch`, at a third of its price. Answers are never cached and redirects never followed: no
   * provider redirects, and a key must not go where nobody meant it to.
   */
  readonly fetch: Fetch;
  /** Closes every connection, also those in use. */
  close(): void;
}

const defaults: PoolLimits = Object.freeze({
  // More jobs than one core carries at a provider's pace; and under the open files a process may usually have.
  connectionsMax: 1024,
  connectMsMax: 10_000,
  firstByteMsMax: 600_000,
  betweenBytesMsMax: 300_000,
});

/**
 * Opens a pool of connections per origin: HTTP/2 where a server offers it, else HTTP/1.1.
 *
 * Made of `node:http` and `node:http2`: CPU per request of 5 kB, JSON or SSE, in ms: global fetch 0.35, undici's
 * `request` 0.11 and `dispatch` 0.09, `node:http` 0.11, `node:http2` 0.13 (0.08 with 1,000 at once, undici 0.24).
 * What undici would save does not pay for 85 ms of loading and a dependency (Node 24.21, one EPYC core).
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const { proxy = {}, ...given } = options;
  const limits = { ...defaults, ...given };
  const proxyOf = proxyChooser(proxy);
  const pools = new Map<string, Promise<Pool> | Pool>();
  /** Pools that get no more requests, until the last of theirs has ended. */
  const retired = new Set<Pool>();

  function poolOf(url: URL): Promise<Pool> | Pool {
    const known = pools.get(url.origin);
    if (known !== undefined) return known;
    const parts = { proxy: proxyOf(url), limits };
    const dial = createDialer(url, parts);
    if (url.protocol === 'http:') {
      return remember(url, createHttp1Pool({ ...parts, dial: async () => await dial(['http/1.1']) }));
    }
    const onChange = (): void => void opening.then((pool) => retire(url, pool));
    const opening = openSecurePool(url, { ...parts, dial, onChange });
    opening.then(
      (pool) => remember(url, pool),
      () => pools.delete(url.origin),
    );
    return remember(url, opening);
  }

  function remember<T extends Promise<Pool> | Pool>(url: URL, pool: T): T {
    pools.set(url.origin, pool);
    return pool;
  }

  function retire({ origin }: URL, pool: Pool): void {
    if (pools.get(origin) !== pool) return;
    pools.delete(origin);
    for (const each of retired) {
      if (each.isInUse()) continue;
      each.close();
      retired.delete(each);
    }
    retired.add(pool);
  }

  return {
    async fetch(input, init) {
      const read = readOutgoing(input, init);
      const outgoing = read instanceof Promise ? await read : read;
      outgoing.signal?.throwIfAborted();
      const found = poolOf(outgoing.url);
      const pool = found instanceof Promise ? await untilAborted(found, outgoing.signal) : found;
      // Not waited for here: nothing of the request is kept while a model thinks.
      return pool.send(outgoing);
    },
    close() {
      for (const pool of [...pools.values(), ...retired])
        void Promise.resolve(pool).then((open) => open.close(), ignore);
      pools.clear();
      retired.clear();
    },
  };
}

function ignore(): void {}

interface SecureParts extends PoolParts {
  readonly dial: Dial;
  /** Called when the server no longer speaks the version that it spoke at first. */
  readonly onChange: () => void;
}

/** Asks the server, by its first connection, which version it speaks; that connection is then the pool's first. */
async function openSecurePool(url: URL, parts: SecureParts): Promise<Pool> {
  try {
    const first = await parts.dial(['h2', 'http/1.1']);
    const pool = { ...parts, first, dial: () => dialAgain(url, first.version, parts) };
    if (first.version === 'http/1.1') return createHttp1Pool(pool);
    const { createHttp2Pool } = await import('./http2.ts');
    return await createHttp2Pool({ ...pool, origin: url.origin });
  } catch (error) {
    throw connectionError(neverSent(error));
  }
}

/** Servers change: then this connection fails, and the next request asks anew. */
async function dialAgain(
  { host }: URL,
  version: HttpVersion,
  { dial, onChange }: SecureParts,
): Promise<Connection> {
  try {
    const connection = await dial([version]);
    if (connection.version === version) return connection;
    connection.socket.destroy();
  } catch (error) {
    if (!isRefusedVersion(error)) throw error;
  }
  onChange();
  throw neverSent(new Error(`${host} does not speak ${version} any more`));
}

/** The alert of servers that speak none of the versions they are offered (RFC 7301, 3.2). */
function isRefusedVersion(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'
  );
}
