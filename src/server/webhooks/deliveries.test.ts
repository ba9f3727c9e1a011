import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock, Delivery, Store } from '../../core/index.ts';
import { openSqliteStore } from '../../store/index.ts';
import { startDeliveries } from './deliveries.ts';
import { createPostMessage } from './post-message.ts';
import { makeWebhookSecret, verifyWebhook } from './signature.ts';

const secret = makeWebhookSecret((size) => new Uint8Array(size).fill(7));
const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

describe('deliveries of webhooks', () => {
  it('a message arrives signed, once, and its delivery is in the log', async () => {
    const { url, got } = await receive(() => 204);
    const { owe, log, clock, reports } = await open(url);
    await owe('msg_1');
    const [delivered] = await until(log, ([first]) => first?.state === 'delivered');
    expect(delivered).toMatchObject({
      attempts: [{ atMs: clock.now(), status: 204, problem: null }],
      nextAtMs: null,
    });
    expect(got).toHaveLength(1);
    const [{ method, headers, body }] = got as [Got];
    expect([method, headers['content-type'], body]).toEqual([
      'POST',
      'application/json',
      '{"type":"job.succeeded"}',
    ]);
    expect(verifyWebhook(body, headers, { secret, nowMs: clock.now() })).toEqual({
      ok: true,
      value: { id: 'msg_1' },
    });
    expect(reports).toEqual([]);
  });

  it('what is not taken is tried again after the waits of Standard Webhooks, then given up', async () => {
    const { url, got } = await receive(() => 500);
    const { owe, log, clock } = await open(url);
    await owe('msg_1');
    const hours = [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24];
    for (const [at, hour] of hours.entries()) {
      const [waiting] = await until(log, ([first]) => first?.attempts.length === at + 1);
      expect(waiting).toMatchObject({ state: 'waiting', nextAtMs: clock.now() + hour * 3_600_000 });
      await clock.advance(hour * 3_600_000);
    }
    const [failed] = await until(log, ([first]) => first?.attempts.length === 10);
    expect(failed).toMatchObject({ state: 'failed', nextAtMs: null });
    expect(failed?.attempts.map(({ problem }) => problem)).toEqual(Array(10).fill('It answered 500.'));
    expect(new Set(got.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['msg_1']));
  });

  it('a message that failed and is made due again is tried once more', async () => {
    let status = 410;
    const { url } = await receive(() => status);
    const { owe, log, store, clock } = await open(url);
    await owe('msg_1');
    await until(log, ([first]) => first?.state === 'failed');
    status = 200;
    await store.webhooks.change('a', 'wh_1', { isPaused: false });
    await store.webhooks.redeliver('a', { webhook: 'wh_1', id: 'msg_1' }, clock.now());
    await clock.advance(1000);
    const [delivered] = await until(log, ([first]) => first?.state === 'delivered');
    expect(delivered?.attempts.map(({ status: each }) => each)).toEqual([410, 200]);
  });

  it('a receiver that is gone pauses its webhook', async () => {
    const { url } = await receive(() => 410);
    const { owe, log, store } = await open(url);
    await owe('msg_1');
    const [failed] = await until(log, ([first]) => first?.state === 'failed');
    expect(failed?.attempts[0]?.problem).toBe('It answered 410 (Gone): the webhook was paused.');
    expect((await store.webhooks.find('a', 'wh_1'))?.isPaused).toBe(true);
  });

  it('redirects are not followed', async () => {
    const elsewhere = await receive(() => 200);
    const { url } = await receive(() => 302, { location: elsewhere.url });
    const { owe, log } = await open(url);
    await owe('msg_1');
    const [waiting] = await until(log, ([first]) => first?.attempts.length === 1);
    expect(waiting?.attempts[0]?.problem).toContain('redirects are not followed');
    expect(elsewhere.got).toEqual([]);
  });

  it('a receiver that does not answer is left after 15 s', async () => {
    const { url, got } = await receive(() => null);
    const { owe, log, clock } = await open(url);
    await owe('msg_1');
    await until(
      async () => got,
      ({ length }) => length === 1,
    );
    await clock.advance(15_000);
    const [waiting] = await until(log, ([first]) => first?.attempts.length === 1);
    expect(waiting?.attempts[0]).toMatchObject({
      status: null,
      elapsedMs: 15_000,
      problem: 'Nobody answered within 15 s.',
    });
  });

  it('a receiver that wants another protocol has refused', async () => {
    const { url } = await receive(() => 101, { connection: 'upgrade', upgrade: 'websocket' });
    const { owe, log, running } = await open(url);
    await owe('msg_1');
    const [waiting] = await until(log, ([first]) => first?.attempts.length === 1);
    expect(waiting).toMatchObject({
      state: 'waiting',
      attempts: [{ status: 101, problem: 'It answered 101.' }],
    });
    await running.close();
  });

  it('a try that never ends holds up neither the others nor closing', async () => {
    const { url } = await receive(() => 200);
    const { owe, log, clock, options, running } = await open(url);
    await running.close();
    const stuck = startDeliveries({ ...options, post: () => new Promise(() => {}) });
    await owe('msg_1');
    await until(
      async () => clock.sleeping(15_000),
      (sleeping) => sleeping,
    );
    await clock.advance(15_000);
    await until(log, ([first]) => first?.attempts.length === 1);
    await owe('msg_2');
    await expect(stuck.close()).resolves.toBeUndefined();
  });

  it('says why nobody could be reached, without the address or the secret', async () => {
    const gone = await receive(() => 200);
    await gone.close();
    const { owe, log, reports } = await open(`${gone.url}?token=hush`);
    await owe('msg_1');
    const [waiting] = await until(log, ([first]) => first?.attempts.length === 1);
    expect(waiting?.attempts[0]?.problem).toBe('The address could not be reached (ECONNREFUSED).');
    expect(JSON.stringify([waiting, reports])).not.toMatch(/hush|whsec_|BwcH/);
  });

  it('an address that is private is not called where that is not allowed, whoever stored it', async () => {
    const { url, got } = await receive(() => 200);
    const { owe, log } = await open(url, { allowPrivate: false });
    await owe('msg_1');
    const [waiting] = await until(log, ([first]) => first?.attempts.length === 1);
    expect(waiting?.attempts[0]?.problem).toContain('must begin with https://');
    expect(got).toEqual([]);
  });

  it('a slow receiver does not hold up the others', async () => {
    const slow = await receive(() => null);
    const quick = await receive(() => 200);
    const { owe, store, log } = await open(slow.url);
    await store.webhooks.add({ ...webhookTo(quick.url), id: 'wh_2' });
    const owed = Array.from({ length: 100 }, (_, at) => deliveryOf(`slow_${at}`, { nextAtMs: 1 }));
    await store.webhooks.enqueue(owed);
    await owe('quick', { webhook: 'wh_2' });
    await until(
      () => log('wh_2'),
      ([first]) => first?.state === 'delivered',
    );
    expect(slow.got.length).toBeLessThanOrEqual(8);
  });

  it('two servers on one store never deliver the same message at once', async () => {
    const { url, got } = await receive(() => 200);
    const { store, clock, log, options } = await open(url);
    const second = startDeliveries(options);
    closings.push(() => second.close());
    const owed = Array.from({ length: 60 }, (_, at) => deliveryOf(`msg_${at}`, { nextAtMs: clock.now() }));
    await store.webhooks.enqueue(owed);
    await clock.advance(1000, 2);
    await until(log, (all) => all.length === 60 && all.every(({ state }) => state === 'delivered'));
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(60);
    expect(got).toHaveLength(60);
  });

  it('closing ends the tries under way, and says nothing of the receiver', async () => {
    const { url, got } = await receive(() => null);
    const { owe, log, running } = await open(url);
    await owe('msg_1');
    await until(
      async () => got,
      ({ length }) => length === 1,
    );
    await running.close();
    expect(await log()).toMatchObject([{ state: 'waiting', attempts: [] }]);
  });

  it('a store that fails is reported, and asked again', async () => {
    const { url } = await receive(() => 200);
    const { owe, log, store, clock, reports } = await open(url);
    const { take } = store.webhooks;
    store.webhooks.take = () => Promise.reject(new Error('the disk is full\nat line 1'));
    await clock.advance(1000);
    await until(
      async () => reports,
      ({ length }) => length > 0,
    );
    expect(reports[0]).toBe('Webhook deliveries could not be read: the disk is full');
    store.webhooks.take = take;
    await owe('msg_1');
    await until(log, ([first]) => first?.state === 'delivered');
  });
});

interface Got {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver on loopback. A status of null: it never answers. */
async function receive(statusOf: () => number | null, headers: Record<string, string> = {}) {
  const got: Got[] = [];
  const server = createPlainServer((request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => {});
    request.on('end', () => {
      got.push({
        method: request.method ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      });
      const status = statusOf();
      if (status !== null) response.writeHead(status, headers).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  closings.push(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, got, close };
}

/** A store with one webhook, and deliveries that run on a clock that is moved by hand. */
async function open(url: string, { allowPrivate = true } = {}) {
  const clock = openClock();
  const store = await openStore(clock);
  await store.webhooks.add(webhookTo(url));
  const reports: string[] = [];
  const options = {
    store: store.webhooks,
    clock,
    post: createPostMessage({ allowPrivate }),
    random: () => 0.5,
    report: (line: string) => reports.push(line),
  };
  const running = startDeliveries(options);
  closings.push(() => running.close());
  return {
    store,
    clock,
    options,
    running,
    reports,
    async owe(id: string, more: Partial<Delivery> = {}) {
      await store.webhooks.enqueue([deliveryOf(id, { nextAtMs: clock.now(), ...more })]);
      await clock.advance(1000);
    },
    log: async (webhook = 'wh_1') => (await store.webhooks.deliveries('a', webhook, { limit: 200 })).items,
  };
}

async function openStore(clock: Clock): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'inspan-'));
  closings.push(() => rm(folder, { recursive: true }));
  const opened = await openSqliteStore(join(folder, 'jobs.db'), {
    clock,
    owner: { processId: 0, host: 'test' },
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  closings.push(() => opened.value.close());
  return opened.value;
}

function webhookTo(url: string) {
  return { id: 'wh_1', tenant: 'a', url, secret, events: [], isPaused: false, createdAtMs: 1 };
}

function deliveryOf(id: string, more: Partial<Delivery>): Delivery {
  return {
    id,
    webhook: 'wh_1',
    tenant: 'a',
    job: 'job_1',
    event: 'job.succeeded',
    payload: '{"type":"job.succeeded"}',
    state: 'waiting',
    attempts: [],
    nextAtMs: 1,
    createdAtMs: 1,
    ...more,
  };
}

/** Asks until it is so; the clock of the deliveries stands still meanwhile. */
async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function openClock(): Clock & {
  advance(ms: number, loops?: number): Promise<void>;
  sleeping(ms: number): boolean;
} {
  let nowMs = 1_700_000_000_000;
  const sleepers = new Map<() => void, { readonly ms: number; readonly untilMs: number }>();
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(wake);
          resolve();
        };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', wake, { once: true });
        sleepers.set(wake, { ms, untilMs: nowMs + ms });
      }),
    sleeping: (ms) => [...sleepers.values()].some((each) => each.ms === ms),
    /** Waits until so many loops have looked for deliveries and sleep for a second, then lets time pass. */
    async advance(ms, loops = 1) {
      await until(
        async () => [...sleepers.values()].filter((each) => each.ms === 1000),
        ({ length }) => length >= loops,
      );
      nowMs += ms;
      for (const [wake, { untilMs }] of sleepers) if (untilMs <= nowMs) wake();
    },
  };
}
