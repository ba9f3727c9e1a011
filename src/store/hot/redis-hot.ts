import type { Redis, RedisOptions } from 'ioredis';
import { type Clock, failure, type Hot, InspanError, type TokensTaken } from '../../core/index.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { textSizeMax } from './memory-hot.ts';
import { createRedisLink, type RedisLink } from './redis-link.ts';
import { setScript, takeScript } from './redis-scripts.ts';
import { createTokenBuckets, tokensTaken } from './token-buckets.ts';

/** How to reach a Redis, and under which names. */
export interface RedisHotOptions {
  readonly clock: Clock;
  /** What all keys and channels begin with. */
  readonly prefix: string;
  /** The longest that anything waits for Redis. Default: 100. */
  readonly timeoutMs?: number;
}

/** A connection that has owed an answer for this long is given up, and made anew. */
const silenceMsMax = 2000;
/** How often a connection that only listens shows that it still works. */
const listenCheckMs = 5000;
/** The longest wait before a lost connection is tried again. */
const reconnectMsMax = 500;

/**
 * Keeps copies, news and token buckets in a Redis, for all processes that share it. Never rejects once it is open, also
 * where Redis is not there: then tokens come from this process's own buckets and news stay in it, until Redis is back.
 * Throws `InspanError` where the address is no address of a Redis.
 */
export async function openRedisHot(
  url: string,
  { clock, prefix, timeoutMs = 100 }: RedisHotOptions,
): Promise<Hot> {
  const { Redis: Client } = await import('ioredis');
  checkRedisUrl(url);
  const client = new Client(url, clientOptions(timeoutMs));
  const subscriber = new Client(url, clientOptions(silenceMsMax));
  // Without a listener, Node would end the process. Which trouble it is makes no difference here: see the link.
  for (const each of [client, subscriber]) each.on('error', () => {});
  const link = createRedisLink(client, clock);
  const news = listenTo(subscriber, { clock, prefix });
  await link.opened();
  return {
    ...copiesIn(link, prefix),
    ...newsThrough(link, { news, prefix }),
    takeTokens: takeTokensFrom(link, prefix),
    isReachable: link.isReachable,
    async close() {
      await Promise.all([link.close(), news.close()]);
    },
  };
}

function checkRedisUrl(url: string): void {
  if (/^rediss?:\/\/./.test(url) && URL.canParse(url)) return;
  // The address is not repeated: it may hold a password.
  const message = 'The address of Redis is none. Write redis://host:port, or rediss://host:port for TLS.';
  throw new InspanError([failure('wrong-config', message)]);
}

function clientOptions(commandMs: number) {
  return {
    commandTimeout: commandMs,
    socketTimeout: silenceMsMax,
    connectTimeout: silenceMsMax,
    // Nothing waits in line for a Redis that is away, and nothing is sent twice: a bucket would be drawn from twice.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(times * 50, reconnectMsMax),
    // After a failover the old address may lead to a replica, which only reads.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    // What Redis 6 and 7 both speak; nothing here needs the newer protocol.
    protocol: 2,
  } satisfies RedisOptions;
}

function copiesIn(link: RedisLink, prefix: string): Pick<Hot, 'get' | 'set' | 'remove'> {
  const keyOf = (key: string): string => `${prefix}copy:${key}`;
  async function remove(key: string): Promise<void> {
    const name = keyOf(key);
    if ((await link.ask(name.length, (client) => client.unlink(name), null)) === null) link.forgetLater(name);
  }
  return {
    async get(key) {
      const name = keyOf(key);
      const fields = await link.ask(name.length, (client) => client.hmget(name, 'version', 'text'), []);
      const [version, text] = fields;
      return typeof version === 'string' && typeof text === 'string'
        ? { version: Number(version), text }
        : null;
    },
    async set(key, { version, text }, ttlMs) {
      const size = Buffer.byteLength(text);
      if (size > textSizeMax) return await remove(key);
      const name = keyOf(key);
      const liveMs = Math.max(1, Math.ceil(ttlMs));
      const kept = await link.ask(
        size,
        (client) => client.eval(setScript, 1, name, version, text, liveMs),
        null,
      );
      if (kept === null) link.forgetLater(name);
    },
    remove,
  };
}

function newsThrough(
  link: RedisLink,
  { news, prefix }: { readonly news: News; readonly prefix: string },
): Pick<Hot, 'publish' | 'subscribe' | 'listened'> {
  return {
    publish(channel, message) {
      const size = Buffer.byteLength(message);
      if (size > textSizeMax) return;
      // While Redis is away, those in this process can be told all the same.
      if (!link.isReachable()) return news.listeners.tell(channel, message);
      void link.ask(size, (client) => client.publish(`${prefix}${channel}`, message), null);
    },
    subscribe: news.subscribe,
    async listened(channels) {
      const names = channels.map((channel) => `${prefix}${channel}`);
      const counts = await link.ask(0, (client) => client.pubsub('NUMSUB', ...names), null);
      if (counts === null) return new Set(channels.filter(news.listeners.has));
      return new Set(channels.filter((_, at) => Number(counts[2 * at + 1] ?? 0) > 0));
    },
  };
}

interface News {
  readonly listeners: Listeners;
  readonly subscribe: Hot['subscribe'];
  close(): Promise<void>;
}

/** Listens with a connection of its own, and listens again to everything after each reconnect. */
function listenTo(
  subscriber: Redis,
  { clock, prefix }: { readonly clock: Clock; readonly prefix: string },
): News {
  const listeners = createListeners();
  const closing = new AbortController();
  const quietly = (command: () => Promise<unknown>): void => {
    // What fails because the connection is lost is done by the next one.
    if (subscriber.status === 'ready') command().catch(() => {});
  };
  subscriber.on('message', (name, message) => listeners.tell(name.slice(prefix.length), message));
  subscriber.on('ready', () => {
    const names = listeners.channels().map((channel) => `${prefix}${channel}`);
    if (names.length > 0) quietly(() => subscriber.subscribe(...names));
  });
  const checked = checkOften(clock, closing.signal, () => quietly(() => subscriber.ping()));
  return {
    listeners,
    subscribe(channel, listener) {
      const own = (message: string): void => listener(message);
      if (listeners.add(channel, own)) quietly(() => subscriber.subscribe(`${prefix}${channel}`));
      return () => {
        if (listeners.remove(channel, own)) quietly(() => subscriber.unsubscribe(`${prefix}${channel}`));
      };
    },
    async close() {
      closing.abort();
      subscriber.disconnect();
      await checked;
    },
  };
}

/** A connection that only listens would not notice that it is dead: an unanswered ping ends it. */
async function checkOften(clock: Clock, signal: AbortSignal, check: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(listenCheckMs, signal);
    if (!signal.aborted) check();
  }
}

function takeTokensFrom(link: RedisLink, prefix: string): Hot['takeTokens'] {
  const takeHere = createTokenBuckets();
  return async (bucket, want): Promise<TokensTaken> => {
    const name = `${prefix}bucket:${bucket}`;
    const { tokens, size, refillPerSecond, nowMs } = want;
    const taken = await link.ask(
      name.length,
      (client) => client.eval(takeScript, 1, name, tokens, size, refillPerSecond, nowMs),
      null,
    );
    if (!Array.isArray(taken)) return takeHere(bucket, want);
    return tokensTaken({ enough: taken[0] === 1, tokens: Number(taken[1]), want });
  };
}
