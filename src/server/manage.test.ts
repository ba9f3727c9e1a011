import { describe, expect, it } from 'vitest';
import { openServerHouse, readBody } from '../../test/setup/server-house.ts';
import type {
  AuditOnWire,
  DeliveryOnWire,
  KeyOnWire,
  ProblemOnWire,
  ScheduleOnWire,
  WebhookOnWire,
} from './index.ts';

interface List<T> {
  readonly items: readonly T[];
}

describe('schedules over HTTP', () => {
  it('are made, seen, paused, resumed and removed', async () => {
    const house = await openServerHouse();
    const body = {
      name: 'monday',
      cron: '0 9 * * 1',
      timeZone: 'Europe/Berlin',
      request: { team: 'pair', text: 'Sum up.' },
    };
    const made = await house.ask('POST', '/v1/schedules', { body });
    expect(made.status).toBe(201);
    const schedule = await readBody<ScheduleOnWire>(made);
    const path = `/v1/schedules/${schedule.id}`;
    expect(made.headers.get('location')).toBe(path);
    expect(schedule).toMatchObject({ isPaused: false, team: 'pair', nextAt: '2026-11-23T08:00:00.000Z' });
    const paused = await readBody<ScheduleOnWire>(await house.ask('POST', `${path}/pause`));
    expect(paused.isPaused).toBe(true);
    const resumed = await readBody<ScheduleOnWire>(await house.ask('POST', `${path}/resume`));
    expect(resumed.isPaused).toBe(false);
    const list = await readBody<List<ScheduleOnWire>>(await house.ask('GET', '/v1/schedules'));
    expect(list.items.map(({ id }) => id)).toEqual([schedule.id]);
    expect((await house.ask('DELETE', path)).status).toBe(204);
    expect((await house.ask('GET', path)).status).toBe(404);
    const wrong = await house.ask('POST', '/v1/schedules', { body: { ...body, cron: 'sometimes' } });
    expect(wrong.status).toBe(400);
  });
});

describe('webhooks over HTTP', () => {
  it('show their secret once, are changed, tried out and removed', async () => {
    const house = await openServerHouse();
    const body = { url: 'https://example.org/hook', events: ['job.failed'] };
    const made = await house.ask('POST', '/v1/webhooks', { body });
    const { id, secret } = await readBody<WebhookOnWire & { readonly secret: string }>(made);
    const path = `/v1/webhooks/${id}`;
    expect(secret).toMatch(/^whsec_/);
    const changed = await house.ask('PATCH', path, { body: { isPaused: true, events: [] } });
    expect(await readBody(changed)).toMatchObject({ isPaused: true, events: [], url: body.url });
    const test = await house.ask('POST', `${path}/test`);
    const delivery = await readBody<DeliveryOnWire>(test);
    expect([test.status, delivery.event]).toEqual([202, 'webhook.test']);
    const page = await readBody<List<DeliveryOnWire>>(await house.ask('GET', `${path}/deliveries`));
    expect(page.items.map((each) => each.id)).toEqual([delivery.id]);
    expect((await house.ask('POST', `${path}/deliveries/${delivery.id}/redeliver`)).status).toBe(202);
    expect((await house.ask('POST', `${path}/deliveries/none/redeliver`)).status).toBe(404);
    const other = await readBody<WebhookOnWire>(await house.ask('POST', '/v1/webhooks', { body }));
    const wrong = `/v1/webhooks/${other.id}/deliveries/${delivery.id}/redeliver`;
    expect((await house.ask('POST', wrong)).status).toBe(404);
    for (const cursor of ['7', 'nonsense']) {
      expect((await house.ask('GET', `${path}/deliveries?cursor=${cursor}`)).status).toBe(400);
      expect((await house.ask('GET', `/v1/audit?cursor=${cursor}`)).status).toBe(400);
      expect((await house.ask('GET', `/v1/jobs?cursor=${cursor}`)).status).toBe(400);
    }
    const shown = await (await house.ask('GET', path)).text();
    expect(shown + JSON.stringify(house.log)).not.toContain(secret);
    expect((await house.ask('DELETE', path)).status).toBe(204);
    expect((await house.ask('DELETE', path)).status).toBe(404);
  });

  it('go to no private address unless that is allowed', async () => {
    const house = await openServerHouse({ options: { hasPrivateWebhooks: false } });
    for (const url of ['http://example.org/', 'https://127.0.0.1/', 'https://[fe80::1]/', 'ftp://x/', 'x']) {
      expect((await house.ask('POST', '/v1/webhooks', { body: { url } })).status).toBe(400);
    }
  });
});

describe('keys over HTTP', () => {
  it('are made, listed, rotated and revoked, and shown only once', async () => {
    const house = await openServerHouse();
    const admin = await house.key('ann');
    const body = { label: 'site', scopes: ['jobs:read'], expiresAt: '2027-01-01T00:00:00Z' };
    const made = await house.ask('POST', '/v1/keys', { key: admin, body });
    const { key, id } = await readBody<KeyOnWire & { readonly key: string }>(made);
    expect((await house.ask('GET', '/v1/jobs', { key })).status).toBe(200);
    const rotated = await house.ask('POST', `/v1/keys/${id}/rotate`, {
      key: admin,
      body: { graceMs: 60_000 },
    });
    const next = await readBody<KeyOnWire & { readonly key: string }>(rotated);
    expect(next.scopes).toEqual(['jobs:read']);
    expect((await house.ask('GET', '/v1/jobs', { key })).status).toBe(200);
    house.clock.advance(61_000);
    expect((await house.ask('GET', '/v1/jobs', { key })).status).toBe(401);
    expect((await house.ask('POST', `/v1/keys/${next.id}/revoke`, { key: admin })).status).toBe(200);
    house.clock.advance(5_001);
    expect((await house.ask('GET', '/v1/jobs', { key: next.key })).status).toBe(401);
    const list = await (await house.ask('GET', '/v1/keys', { key: admin })).text();
    for (const secret of [key, next.key, admin]) expect(list).not.toContain(secret);
    expect((await house.ask('POST', '/v1/keys/none/revoke', { key: admin })).status).toBe(404);
  });
});

describe('the first key', () => {
  it('is of scope admin, so that it can make others', async () => {
    const house = await openServerHouse();
    const want = (scopes: readonly string[], more = {}) =>
      house.ask('POST', '/v1/keys', { body: { label: 'first', scopes, ...more } });
    const refused = await want(['jobs:read']);
    const { code, detail } = await readBody<ProblemOnWire>(refused);
    expect([refused.status, code]).toEqual([400, 'wrong-input']);
    expect(detail).toContain('scope admin');
    expect((await want(['admin'], { expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(400);
    expect((await want(['admin'], { expiresAt: '9999-12-31T23:59:59-12:00' })).status).toBe(400);
    expect((await want(['admin'], { label: 'a\u0000b' })).status).toBe(400);
    expect((await house.ask('GET', '/v1/jobs')).headers.get('inspan-auth')).toBe('open');
    expect((await want(['admin'])).status).toBe(201);
  });
});

describe('the audit log', () => {
  it('says who did what, newest first', async () => {
    const house = await openServerHouse();
    const key = await house.key('ann');
    await house.ask('POST', '/v1/jobs', { key, body: { team: 'pair', text: 'canary' } });
    await house.ask('POST', '/v1/keys', { key, body: { label: 'x', scopes: ['jobs:read'] } });
    const first = await readBody<List<AuditOnWire> & { readonly next: string }>(
      await house.ask('GET', '/v1/audit?limit=1', { key }),
    );
    const rest = await readBody<List<AuditOnWire>>(
      await house.ask('GET', `/v1/audit?cursor=${encodeURIComponent(first.next)}`, { key }),
    );
    const all = [...first.items, ...rest.items];
    expect(all.map(({ action }) => action)).toEqual(['key.create', 'job.accept']);
    expect(JSON.stringify(all)).not.toContain('canary');
  });
});

describe('operation', () => {
  it('is alive, and ready while its store answers', async () => {
    let isDown = false;
    const ping = async (): Promise<void> => (isDown ? Promise.reject(new Error('gone')) : undefined);
    const house = await openServerHouse({ parts: ({ store }) => ({ store: { ...store, ping } }) });
    expect((await house.ask('GET', '/healthz')).status).toBe(200);
    expect((await house.ask('GET', '/readyz')).status).toBe(200);
    isDown = true;
    expect((await house.ask('GET', '/readyz')).status).toBe(503);
    expect((await house.ask('HEAD', '/healthz')).status).toBe(200);
  });

  it('is not ready when its store does not answer in time', async () => {
    const ping = (): Promise<void> => new Promise(() => {});
    const house = await openServerHouse({ parts: ({ store }) => ({ store: { ...store, ping } }) });
    const asked = house.ask('GET', '/readyz');
    await new Promise((resolve) => setImmediate(resolve));
    house.clock.advance(2_000);
    expect((await asked).status).toBe(503);
  });

  it('is measured without naming a tenant, each one’s own jobs unless the door is open', async () => {
    const house = await openServerHouse();
    const [ann, ben] = [await house.key('ann'), await house.key('ben')];
    await house.ask('POST', '/v1/jobs', { key: ann, body: { team: 'pair', text: 'x' } });
    const measure = async (key?: string) =>
      await (await house.ask('GET', '/metrics', key === undefined ? {} : { key })).text();
    expect(await measure(ann)).toContain('inspan_jobs{state="queued"} 1');
    const others = await measure(ben);
    expect(others).toContain('inspan_jobs{state="queued"} 0');
    expect(others).not.toMatch(/ann|ben|inspan_http|inspan_worker|inspan_event_streams/);
    house.clock.advance(2_000);
    expect((await house.ask('GET', '/metrics')).status).toBe(401);
    const open = await openServerHouse({ options: { hasOpenMetrics: true, isOpen: false } });
    await open.ask('GET', '/healthz');
    expect(await (await open.ask('GET', '/metrics')).text()).toContain(
      'inspan_http_request_duration_seconds_count{method="GET",route="/healthz",status="200"} 1',
    );
  });
});
