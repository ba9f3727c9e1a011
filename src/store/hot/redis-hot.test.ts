import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Hot } from '../../core/index.ts';
import { hotContract } from '../testing.ts';
import { openRedisHot } from './redis-hot.ts';

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake, { once: true });
    }),
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

it('an address that is none is refused without repeating it', async () => {
  const opening = openRedisHot('http://:secret@127.0.0.1', { clock, prefix: 'p:' });
  await expect(opening).rejects.toThrow('Write redis://host:port');
  await expect(opening).rejects.not.toThrow('secret');
});

describe.runIf(hasRedis)('the hot store in Redis', () => {
  let redis: OwnRedis;
  let prefixes = 0;
  const opened: Hot[] = [];

  beforeAll(async () => {
    redis = await openOwnRedis();
  });
  beforeEach(() => {
    prefixes += 1;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((hot) => hot.close()));
    if (!redis.isUp()) await redis.start();
  });
  afterAll(() => redis.stop());

  async function open(): Promise<Hot> {
    // Longer than in real life: a busy machine must not look like a Redis that is away.
    const hot = await openRedisHot(redis.url, { clock, prefix: `t${prefixes}:`, timeoutMs: 1000 });
    opened.push(hot);
    return hot;
  }

  for (const { promise, check } of hotContract) {
    it(promise, () => check(async () => ({ hot: await open(), passTime: pause })));
  }

  it('processes that share a Redis share copies, news and buckets', async () => {
    const [one, two] = [await open(), await open()];
    const heard = await listenTo(two, 'a');
    await one.set('k', { version: 1, text: 'x' }, 60_000);
    one.publish('a', 'hello');
    await until(() => heard.includes('hello'));
    expect(await two.get('k')).toEqual({ version: 1, text: 'x' });
    expect(await one.listened(['a'])).toEqual(new Set(['a']));
    const want = { tokens: 6, size: 10, refillPerSecond: 1, nowMs: 0 };
    expect(await one.takeTokens('b', want)).toMatchObject({ ok: true });
    expect(await two.takeTokens('b', want)).toMatchObject({ ok: false, waitMs: 2000 });
  });

  it('everything it keeps carries its prefix and runs out by itself', async () => {
    const hot = await open();
    await hot.set('k', { version: 1, text: 'x' }, 60_000);
    await hot.takeTokens('b', { tokens: 1, size: 10, refillPerSecond: 1, nowMs: 0 });
    const client = new Redis(redis.url);
    const keys = await client.keys(`t${prefixes}:*`);
    expect(keys.sort()).toEqual([`t${prefixes}:bucket:b`, `t${prefixes}:copy:k`]);
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
    client.disconnect();
  });

  it('goes on when Redis is emptied', async () => {
    const hot = await open();
    const heard = await listenTo(hot, 'a');
    await hot.set('k', { version: 5, text: 'x' }, 60_000);
    await hot.takeTokens('b', { tokens: 10, size: 10, refillPerSecond: 1, nowMs: 0 });
    await redis.empty();
    expect(await hot.get('k')).toBeNull();
    await hot.set('k', { version: 1, text: 'y' }, 60_000);
    expect(await hot.get('k')).toEqual({ version: 1, text: 'y' });
    expect(await hot.takeTokens('b', { tokens: 1, size: 10, refillPerSecond: 1, nowMs: 0 })).toMatchObject({
      ok: true,
    });
    hot.publish('a', 'still');
    await until(() => heard.includes('still'));
  });

  it('answers at once while Redis is killed, and hears again when it is back', async () => {
    const [hot, other] = [await open(), await open()];
    const heard = await listenTo(hot, 'a');
    await redis.kill();
    await until(() => !hot.isReachable() && !other.isReachable());
    await expectAnswersAtOnce(hot);
    const late: string[] = [];
    hot.subscribe('late', (text) => late.push(text));
    hot.publish('a', 'within');
    await until(() => heard.includes('within'));
    expect(await hot.listened(['a', 'late', 'never'])).toEqual(new Set(['a', 'late']));
    await redis.start();
    await until(() => hot.isReachable() && other.isReachable());
    await until(async () => (await other.listened(['a', 'late'])).size === 2);
    other.publish('a', 'again');
    other.publish('late', 'first');
    await until(() => heard.includes('again') && late.includes('first'));
  });

  it('answers at once while Redis is frozen, and goes on when it is thawed', async () => {
    const hot = await openRedisHot(redis.url, { clock, prefix: `t${prefixes}:`, timeoutMs: 50 });
    opened.push(hot);
    const heard = await listenTo(hot, 'a');
    redis.freeze();
    await until(async () => {
      await hot.get('k');
      return !hot.isReachable();
    });
    await expectAnswersAtOnce(hot);
    // Longer than a silent connection is kept.
    await pause(2500);
    await expectAnswersAtOnce(hot);
    redis.thaw();
    await until(() => hot.isReachable());
    await until(async () => (await hot.listened(['a'])).has('a'));
    hot.publish('a', 'again');
    await until(() => heard.includes('again'));
  });

  it('a copy that could not be replaced is gone when Redis is back', async () => {
    const [hot, other] = [await open(), await open()];
    await hot.set('k', { version: 1, text: 'running' }, 60_000);
    await hot.set('untouched', { version: 1, text: 'x' }, 60_000);
    await redis.dropConnections();
    await until(() => !hot.isReachable());
    await hot.set('k', { version: 2, text: 'succeeded' }, 60_000);
    await until(() => hot.isReachable() && other.isReachable());
    expect(await hot.get('k')).toBeNull();
    expect(await other.get('k')).toBeNull();
    expect(await other.get('untouched')).not.toBeNull();
  });

  it('opens while Redis is away, draws tokens from its own buckets, and finds Redis later', async () => {
    await redis.kill();
    const hot = await open();
    expect(hot.isReachable()).toBe(false);
    const heard: string[] = [];
    hot.subscribe('a', (text) => heard.push(text));
    const want = { tokens: 6, size: 10, refillPerSecond: 1, nowMs: 0 };
    expect(await hot.takeTokens('b', want)).toMatchObject({ ok: true });
    expect(await hot.takeTokens('b', want)).toMatchObject({ ok: false, waitMs: 2000 });
    await redis.start();
    await until(async () => (await hot.listened(['a'])).has('a') && hot.isReachable());
    await hot.set('k', { version: 1, text: 'x' }, 60_000);
    expect(await hot.get('k')).toEqual({ version: 1, text: 'x' });
  });

  it('closes at once while Redis is away', async () => {
    const hot = await open();
    await redis.kill();
    await hot.close();
    expect(hot.isReachable()).toBe(false);
  });
});

/** Hundreds of answers after each other: if each had waited for its limit, the test would run out of time. */
async function expectAnswersAtOnce(hot: Hot): Promise<void> {
  for (let each = 0; each < 250; each++) {
    expect(await hot.get('k')).toBeNull();
    await hot.set('k', { version: 1, text: 'x' }, 60_000);
    await hot.remove('k');
    hot.publish('none', 'x'.repeat(1000));
    await hot.takeTokens(`${each}`, { tokens: 1, size: 10, refillPerSecond: 1, nowMs: 0 });
  }
}

async function listenTo(hot: Hot, channel: string): Promise<readonly string[]> {
  const heard: string[] = [];
  hot.subscribe(channel, (text) => heard.push(text));
  await until(async () => (await hot.listened([channel])).has(channel));
  return heard;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(5);
}

interface OwnRedis {
  readonly url: string;
  isUp(): boolean;
  start(): Promise<void>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  empty(): Promise<void>;
  dropConnections(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis that nobody else uses, so that it can be broken. */
async function openOwnRedis(): Promise<OwnRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  async function start(): Promise<void> {
    const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    child = spawn('redis-server', options, { stdio: 'ignore' });
    await ask(async (client) => {
      await until(() => client.status === 'ready');
    });
  }
  async function ask(question: (client: Redis) => Promise<unknown>): Promise<void> {
    const client = new Redis(url, { retryStrategy: () => 20 });
    client.on('error', () => {});
    await question(client);
    client.disconnect();
  }
  async function kill(): Promise<void> {
    if (child === null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child = null;
  }
  await start();
  return {
    url,
    isUp: () => child !== null,
    start,
    kill,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    empty: () => ask((client) => client.flushall()),
    dropConnections: () => ask((client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')),
    stop: kill,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
