import type { Fetch } from '../provider-fetch.ts';
import { createDialer, type Dial } from './dial.ts';
import { createHttp1Pool } from './http1.ts';
import { readOutgoing } from './outgoing.ts';
import type { Pool, PoolLimits, PoolParts } from './pool.ts';
import { type ProxySettings, proxyChooser } from './proxy.ts';
import { connectionError, untilAborted } from './transport-error.ts';

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

  function poolOf(url: URL): Promise<Pool> | Pool {
    const known = pools.get(url.origin);
    if (known !== undefined) return known;
    const parts = { proxy: proxyOf(url), limits };
    const dial = createDialer(url, parts);
    if (url.protocol === 'http:') return remember(url, createHttp1Pool({ ...parts, dial }));
    const opening = openSecurePool(url, { ...parts, dial });
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

  return {
    async fetch(input, init) {
      const outgoing = await readOutgoing(input, init);
      outgoing.signal?.throwIfAborted();
      const found = poolOf(outgoing.url);
      const pool = found instanceof Promise ? await untilAborted(found, outgoing.signal) : found;
      // Not waited for here: nothing of the request is kept while a model thinks.
      return pool.send(outgoing);
    },
    close() {
      for (const pool of pools.values()) void Promise.resolve(pool).then((open) => open.close(), ignore);
      pools.clear();
    },
  };
}

function ignore(): void {}

/** Asks the server, by its first connection, which version it speaks; that connection is then the pool's first. */
async function openSecurePool({ origin }: URL, parts: PoolParts & { readonly dial: Dial }): Promise<Pool> {
  const first = await parts.dial().catch((error: unknown) => {
    throw connectionError(error);
  });
  if (first.protocol !== 'h2') return createHttp1Pool({ ...parts, first });
  const { createHttp2Pool } = await import('./http2.ts');
  return createHttp2Pool({ ...parts, first, origin });
}
