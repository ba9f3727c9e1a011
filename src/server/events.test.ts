import { describe, expect, it } from 'vitest';
import { workAll } from '../../test/setup/hand-worker.ts';
import { openServerHouse, readBody, type ServerHouse } from '../../test/setup/server-house.ts';
import type { LiveEvent } from '../jobs/index.ts';
import type { JobOnWire } from './index.ts';

async function bring(house: ServerHouse): Promise<JobOnWire> {
  const body = { team: 'pair', text: 'Write.' };
  return await readBody(await house.ask('POST', '/v1/jobs', { body }));
}

/** Reads frames of a stream one by one. */
function frames(response: Response): () => Promise<string | null> {
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async () => {
    while (!text.includes('\n\n')) {
      const { done, value } = await reader.read();
      if (done) return null;
      text += value;
    }
    const at = text.indexOf('\n\n');
    const frame = text.slice(0, at);
    text = text.slice(at + 2);
    return frame;
  };
}

/** A desk whose stream is fed by the test. */
function feeding(events: readonly LiveEvent[], signals: AbortSignal[] = []) {
  return ({ desk }: Pick<ServerHouse, 'desk'>) => ({
    desk: {
      ...desk,
      follow: async (_: unknown, __: string, { signal }: { readonly signal: AbortSignal }) => {
        signals.push(signal);
        return { ok: true as const, value: feed(events, signal) };
      },
    },
  });
}

async function* feed(events: readonly LiveEvent[], signal: AbortSignal): AsyncGenerator<LiveEvent> {
  yield* events;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const moved = { type: 'job-moved', seq: 1, atMs: 0, state: 'queued', epoch: 0, why: 'accepted' } as const;
const text = { type: 'text', agent: 'writer', key: 'k', text: 'Wo\nrds' } as const;

/** Lets everything happen that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the stream of a job', () => {
  it('tells everything from the first event to the last, then ends', async () => {
    const house = await openServerHouse();
    const job = await bring(house);
    await workAll(house);
    const response = await house.ask('GET', job.links.events);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const all = (await response.text()).trim().split('\n\n');
    expect(all[0]).toBe('retry: 2000');
    const ids = all.slice(1).map((frame) => Number(/^id: (\d+)/.exec(frame)?.[1]));
    expect(ids).toEqual(ids.map((_, place) => place + 1));
    expect(all.at(-1)).toContain('"state":"succeeded"');
  });

  it('goes on after the last event that a client has seen, by header or query', async () => {
    const house = await openServerHouse();
    const job = await bring(house);
    await workAll(house);
    const whole = await (await house.ask('GET', job.links.events)).text();
    const headers = { 'last-event-id': '3' };
    const rest = await (await house.ask('GET', `${job.links.events}?after=1`, { headers })).text();
    const third = await (await house.ask('GET', `${job.links.events}?after=3`)).text();
    expect(rest).toBe(third);
    expect(whole.endsWith(rest.replace('retry: 2000\n\n', ''))).toBe(true);
    expect(rest).toContain('id: 4\n');
    const wrong = await house.ask('GET', job.links.events, { headers: { 'last-event-id': 'x' } });
    expect(wrong.status).toBe(400);
  });

  it('tells words of models without an id, unless they are not wanted', async () => {
    const house = await openServerHouse({ parts: feeding([moved, text, { ...text, type: 'retracted' }]) });
    const next = frames(await house.ask('GET', '/v1/jobs/j/events'));
    await next();
    expect(await next()).toMatch(/^id: 1\nevent: job-moved\ndata: \{"seq":1,"at":"1970/);
    expect(await next()).toBe(
      'event: text\ndata: {"type":"text","agent":"writer","key":"k","text":"Wo\\nrds"}',
    );
    expect(await next()).toBe('event: retracted\ndata: {"type":"retracted","agent":"writer","key":"k"}');
    const without = await openServerHouse({ parts: feeding([text, moved]) });
    const quiet = frames(await without.ask('GET', '/v1/jobs/j/events?deltas=false'));
    await quiet();
    expect(await quiet()).toContain('job-moved');
  });

  it('says that it is still here every 15 s', async () => {
    const house = await openServerHouse({ parts: feeding([]) });
    const next = frames(await house.ask('GET', '/v1/jobs/j/events'));
    await next();
    for (let beat = 0; beat < 3; beat++) {
      const coming = next();
      await settled();
      house.clock.advance(15_000);
      expect(await coming).toBe(': still here');
    }
  });

  it('waits for a slow client instead of collecting for it', async () => {
    let asked = 0;
    const endless = {
      async *[Symbol.asyncIterator](): AsyncGenerator<LiveEvent> {
        for (;;) yield { ...moved, seq: ++asked };
      },
    };
    const house = await openServerHouse({
      parts: ({ desk }) => ({ desk: { ...desk, follow: async () => ({ ok: true, value: endless }) } }),
    });
    const response = await house.ask('GET', '/v1/jobs/j/events');
    const next = frames(response);
    await next();
    await next();
    await settled();
    expect(asked).toBeLessThan(6);
  });

  it('ends with a word when the server closes', async () => {
    const house = await openServerHouse({ parts: feeding([moved]) });
    const next = frames(await house.ask('GET', '/v1/jobs/j/events'));
    await next();
    await next();
    house.app.close();
    expect(await next()).toBe(': the server closes, come back');
    expect(await next()).toBeNull();
    expect((await house.ask('GET', '/readyz')).status).toBe(503);
  });

  it('goes on while the server drains, which answers polls, refuses new jobs and keeps no connection', async () => {
    const house = await openServerHouse();
    const job = await bring(house);
    house.app.drain();
    const polled = await house.ask('GET', job.links.self);
    expect([polled.status, polled.headers.get('connection')]).toEqual([200, 'close']);
    expect(await (await house.ask('GET', '/readyz')).json()).toEqual({ status: 'draining' });
    const refused = await house.ask('POST', '/v1/jobs', { body: { team: 'pair', text: 'x' } });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    const next = frames(await house.ask('GET', job.links.events));
    await next();
    expect(await next()).toContain('"state":"queued"');
    house.app.close();
  });

  it('ends when its key has ended, at the next beat', async () => {
    const house = await openServerHouse({ parts: feeding([]) });
    const [admin, key] = [await house.key('ann'), await house.key('ann')];
    const [record] = await house.store.keys.list('ann');
    const next = frames(await house.ask('GET', '/v1/jobs/j/events', { key }));
    await next();
    const beat = next();
    await settled();
    house.clock.advance(15_000);
    expect(await beat).toBe(': still here');
    await house.ask('POST', `/v1/keys/${record?.id}/revoke`, { key: admin });
    await house.ask('POST', `/v1/keys/${(await house.store.keys.list('ann'))[1]?.id}/revoke`, { key: admin });
    const last = next();
    await settled();
    house.clock.advance(15_000);
    expect(await last).toBe(': the key has ended');
    expect(await next()).toBeNull();
  });

  it('is not opened again for whoever has heard its end', async () => {
    const house = await openServerHouse();
    const job = await bring(house);
    await workAll(house);
    const whole = await (await house.ask('GET', job.links.events)).text();
    const last = Number([...whole.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1]);
    const headers = { 'last-event-id': String(last) };
    expect((await house.ask('GET', job.links.events, { headers })).status).toBe(204);
    expect((await house.ask('GET', `${job.links.events}?after=${last - 1}`)).status).toBe(200);
    expect((await house.ask('GET', '/v1/jobs/none/events?after=3')).status).toBe(404);
  });

  it('frees its place when the client leaves, and never opens more than there are places', async () => {
    const signals: AbortSignal[] = [];
    const house = await openServerHouse({
      parts: feeding([moved], signals),
      limits: { streamsPerKeyMax: 1, streamsMax: 2 },
    });
    const [ann, ben, eve] = [await house.key('ann'), await house.key('ben'), await house.key('eve')];
    const open = (key: string, method = 'GET') => house.ask(method, '/v1/jobs/j/events', { key });
    const first = await open(ann);
    expect((await open(ann)).status).toBe(429);
    expect((await open(ben)).status).toBe(200);
    expect((await open(eve)).status).toBe(429);
    await first.body?.cancel();
    expect(signals[0]?.aborted).toBe(true);
    expect((await open(eve, 'HEAD')).status).toBe(200);
    expect((await open(eve)).status).toBe(200);
  });

  it('leaves out what events quote of prompts, and writes money in both units', async () => {
    const call = { agent: 'a', key: 'k', model: 'p/m', seq: 1, atMs: 0 };
    const broken = {
      ...call,
      type: 'prefix-break',
      at: 'tools',
      byte: 3,
      before: 'canary',
      after: 'canary',
    } as const;
    const house = await openServerHouse({
      parts: feeding([{ ...broken, lostTokens: 5, lostMicroUsd: 1_500_000 }]),
    });
    const next = frames(await house.ask('GET', '/v1/jobs/j/events'));
    await next();
    const frame = await next();
    expect(frame).not.toContain('canary');
    expect(frame).toContain('"lost":{"microUsd":1500000,"usd":1.5}');
  });
});
