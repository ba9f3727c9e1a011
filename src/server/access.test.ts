import { describe, expect, it } from 'vitest';
import { openServerHouse, readBody } from '../../test/setup/server-house.ts';
import type { ProblemOnWire } from './index.ts';

describe('who may ask', () => {
  it('is everybody on this machine until the first key is made, and says so', async () => {
    const house = await openServerHouse();
    const open = await house.ask('GET', '/v1/jobs');
    expect([open.status, open.headers.get('inspan-auth')]).toEqual([200, 'open']);
    const made = await house.ask('POST', '/v1/keys', { body: { label: 'first', scopes: ['admin'] } });
    const { key } = await readBody<{ readonly key: string }>(made);
    const closed = await house.ask('GET', '/v1/jobs');
    expect([closed.status, closed.headers.get('inspan-auth')]).toEqual([401, null]);
    expect(closed.headers.get('www-authenticate')).toContain('Bearer');
    expect((await house.ask('GET', '/v1/jobs', { key })).status).toBe(200);
  });

  it('is nobody without a key where the server is not open', async () => {
    const house = await openServerHouse({ options: { isOpen: false } });
    const refused = await house.ask('GET', '/v1/jobs');
    expect(await readBody<ProblemOnWire>(refused)).toMatchObject({ code: 'no-key', status: 401 });
    for (const key of ['wrong', `ik_${'x'.repeat(43)}`]) {
      expect((await house.ask('GET', '/v1/jobs', { key })).status).toBe(401);
    }
    expect((await house.ask('GET', '/v1/jobs', { headers: { authorization: 'Basic eDp5' } })).status).toBe(
      401,
    );
    expect((await house.ask('GET', '/healthz')).status).toBe(200);
  });

  it('is a key only for what it is for; admin is for everything', async () => {
    const house = await openServerHouse();
    const admin = await house.key('ann');
    const reader = await house.key('ann', ['jobs:read']);
    const body = { team: 'pair', text: 'x' };
    const refused = await house.ask('POST', '/v1/jobs', { key: reader, body });
    const { code, detail } = await readBody<ProblemOnWire>(refused);
    expect([code, refused.status]).toEqual(['not-allowed', 403]);
    expect(detail).toContain('jobs:write');
    expect(detail).not.toContain(reader);
    expect((await house.ask('GET', '/v1/jobs', { key: reader })).status).toBe(200);
    expect((await house.ask('GET', '/v1/keys', { key: reader })).status).toBe(403);
    expect((await house.ask('POST', '/v1/jobs', { key: admin, body })).status).toBe(202);
    expect((await house.ask('GET', '/v1/keys', { key: admin })).status).toBe(200);
  });

  it('is never a key in an address', async () => {
    const house = await openServerHouse();
    const key = await house.key('ann');
    expect((await house.ask('GET', `/v1/jobs?key=${key}`)).status).toBe(401);
    expect(JSON.stringify(house.log)).not.toContain(key);
  });

  it('is no page of another site while the server is open', async () => {
    const house = await openServerHouse({ options: { allowedOrigins: ['https://app.example.org'] } });
    const ask = (host: string, headers: Record<string, string>) =>
      house.app.fetch(new Request(`http://${host}/v1/jobs`, { headers }));
    expect((await ask('evil.example.org', {})).status).toBe(403);
    expect((await ask('127.0.0.1.example.org', {})).status).toBe(403);
    expect((await ask('127.0.0.1:7420', { origin: 'https://evil.example.org' })).status).toBe(403);
    expect((await ask('127.0.0.1:7420', { origin: 'null' })).status).toBe(403);
    expect((await ask('localhost:7420', { origin: 'http://localhost:7420' })).status).toBe(200);
    expect((await ask('[::1]:7420', { origin: 'https://app.example.org' })).status).toBe(200);
    expect((await ask('127.0.0.2:7420', {})).status).toBe(200);
  });

  it('is nobody behind a proxy while the server is open: whoever that lets in is not on this machine', async () => {
    const house = await openServerHouse({ options: { storage: 'postgres' } });
    for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']) {
      const refused = await house.ask('GET', '/v1/jobs', { headers: { [name]: '203.0.113.7' } });
      const { code, detail } = await readBody<ProblemOnWire>(refused);
      expect([name, code]).toEqual([name, 'not-allowed']);
      expect(detail).toContain('came through a proxy');
      expect(detail).toContain('--database postgres://');
    }
    const key = await house.key('ann');
    house.clock.advance(2_000);
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    expect((await house.ask('GET', '/v1/jobs', { key, headers })).status).toBe(200);
  });

  it('is told which command makes a key, and no place of the operator’s', async () => {
    const file = await openServerHouse({ options: { isOpen: false } });
    const { detail } = await readBody<ProblemOnWire>(await file.ask('GET', '/v1/jobs'));
    expect(detail).toContain('inspan keys create --scope admin --url <the address of this server>');
  });

  it('is told to wait when unknown keys are tried out, and known ones work on meanwhile', async () => {
    let looked = 0;
    const house = await openServerHouse();
    const key = await house.key('ann');
    await house.ask('GET', '/v1/jobs', { key });
    const { findByHash } = house.store.keys;
    house.store.keys.findByHash = async (hash) => {
      looked += 1;
      return await findByHash(hash);
    };
    const guess = (number: number) =>
      house.ask('GET', '/v1/jobs', { key: `ik_${String(number).padStart(43, 'x')}` });
    for (let each = 0; each < 100; each++) expect((await guess(each)).status).toBe(401);
    const refused = await guess(100);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect([(await guess(0)).status, looked]).toEqual([401, 100]);
    expect((await house.ask('GET', '/v1/jobs', { key })).status).toBe(200);
    house.clock.advance(1_000);
    expect((await guess(101)).status).toBe(401);
  });

  it('is a page only of an origin that was allowed', async () => {
    const house = await openServerHouse({ options: { allowedOrigins: ['https://app.example.org'] } });
    const key = await house.key('ann');
    const preflight = (origin: string) =>
      house.ask('OPTIONS', '/v1/jobs', { headers: { origin, 'access-control-request-method': 'POST' } });
    house.clock.advance(2_000);
    const allowed = await preflight('https://app.example.org');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.org');
    expect(allowed.headers.get('access-control-allow-headers')).toMatch(/authorization.*if-none-match/);
    const refused = await preflight('https://evil.example.org');
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    const headers = { origin: 'https://app.example.org' };
    const answer = await house.ask('GET', '/v1/jobs', { key, headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe(headers.origin);
    const exposed = answer.headers.get('access-control-expose-headers')?.split(',') ?? [];
    expect(exposed.map((each) => each.trim())).toEqual(
      expect.arrayContaining(['x-request-id', 'etag', 'content-disposition', 'idempotent-replayed']),
    );
    const none = await (await openServerHouse()).ask('OPTIONS', '/v1/jobs');
    expect([none.status, none.headers.get('access-control-allow-origin')]).toEqual([405, null]);
  });

  it('is told to wait when a key asks too often, new jobs sooner than polls', async () => {
    const house = await openServerHouse({
      limits: { requestsPerSecond: 1, requestsBurst: 4, acceptsPerSecond: 0.5, acceptsBurst: 1 },
    });
    const key = await house.key('ann');
    const other = await house.key('ann');
    const body = { team: 'pair', text: 'x' };
    const first = await house.ask('POST', '/v1/jobs', { key, body });
    expect([first.status, first.headers.get('ratelimit-remaining')]).toEqual([202, '0']);
    const second = await house.ask('POST', '/v1/jobs', { key, body });
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '2']);
    const polls = await Promise.all([1, 2, 3].map(() => house.ask('GET', '/v1/jobs', { key })));
    expect(polls.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect((await house.ask('GET', '/v1/jobs', { key: other })).status).toBe(200);
    house.clock.advance(2_000);
    expect((await house.ask('POST', '/v1/jobs', { key, body })).status).toBe(202);
  });

  it('is noted by the id of its key, never by the key, with facts alone', async () => {
    const house = await openServerHouse();
    const key = await house.key('ann');
    await house.ask('GET', '/v1/jobs?team=secret-team', { key });
    const [line] = house.log;
    expect(line).toMatchObject({
      method: 'GET',
      route: '/v1/jobs',
      status: 200,
      key: expect.stringMatching(/^key_/),
    });
    expect(JSON.stringify(line)).not.toMatch(/secret-team|ik_/);
  });
});
