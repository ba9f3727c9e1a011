import { describe, expect, it } from 'vitest';
import { openServerHouse, readBody } from '../../test/setup/server-house.ts';
import { failure, failureCodes, InspanError, StorageError } from '../core/index.ts';
import { problemOf, problemType } from './http/problem.ts';
import type { ProblemOnWire } from './index.ts';
import { codeShape } from './shapes/values.ts';

async function problem(response: Response): Promise<ProblemOnWire> {
  expect(response.headers.get('content-type')).toBe(problemType);
  return await readBody<ProblemOnWire>(response);
}

describe('a problem', () => {
  it('has a status for every code there is', () => {
    for (const [code, { status }] of Object.entries(failureCodes)) {
      const written = problemOf([failure(codeShape.parse(code), 'Mend it.')], 'req_1');
      expect(written).toMatchObject({ status, code, type: `urn:inspan:problem:${code}` });
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(600);
    }
    expect(codeShape.options).toEqual(Object.keys(failureCodes));
  });

  it('names the request, and every mistake in it', async () => {
    const house = await openServerHouse();
    const body = { team: 'pair', priority: 1.5, extra: true, files: { 'a.md': 7 } };
    const headers = { 'x-request-id': 'mine-1' };
    const refused = await house.ask('POST', '/v1/jobs', { body, headers });
    expect(refused.headers.get('x-request-id')).toBe('mine-1');
    const { status, instance, errors } = await problem(refused);
    expect([status, instance]).toEqual([400, 'mine-1']);
    const details = errors.map(({ detail }) => detail).join('\n');
    for (const word of ['priority (body)', 'files.a.md (body)', 'extra']) expect(details).toContain(word);
  });

  it.each([
    ['{"team": "pair",}', 'line 1, column 17'],
    ['{\n  "team": pair\n}', 'line 2, column 11'],
    ['{"team": "pair"', 'ends too early'],
    ['[1,,2]', 'line 1, column 4'],
    ['{"a": "\u0001"}', 'line 1, column 7'],
    ['{} {}', 'line 1, column 4'],
    ['01', 'line 1, column 1'],
    ['', 'empty'],
  ])('says where %j stops being JSON', async (raw, place) => {
    const house = await openServerHouse();
    const headers = { 'content-type': 'application/json' };
    const { code, detail } = await problem(await house.ask('POST', '/v1/jobs', { raw, headers }));
    expect(code).toBe('wrong-input');
    expect(detail).toContain(place);
  });

  it('refuses a body that is no UTF-8, of another type, or packed', async () => {
    const house = await openServerHouse();
    const ask = (raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
      house.ask('POST', '/v1/jobs', { raw, headers });
    const type = { 'content-type': 'application/json' };
    expect((await ask(new Uint8Array([0x22, 0xff, 0x22]), type)).status).toBe(400);
    expect((await ask('<a/>', { 'content-type': 'text/xml' })).status).toBe(415);
    expect((await ask('{}', { ...type, 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('refuses what is too large, told or not, and reads no more of it', async () => {
    const house = await openServerHouse({ limits: { jsonBytesMax: 1_000 } });
    const headers = { 'content-type': 'application/json' };
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(500));
      },
    });
    expect((await house.ask('POST', '/v1/jobs', { raw: endless, headers })).status).toBe(413);
    expect(pulled).toBeLessThan(10);
    const told = await house.ask('POST', '/v1/jobs', { raw: 'x'.repeat(1_001), headers });
    expect(await problem(told)).toMatchObject({ code: 'too-large', status: 413 });
  });

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    [
      'no end',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="request"\r\n\r\n{}',
    ],
    ['no parts', 'multipart/form-data; boundary=b', '--b--\r\n'],
    [
      'no name',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--b--\r\n',
    ],
    ['nonsense', 'multipart/form-data; boundary=b', '\u0000\u0001--b--b--b'],
  ])('refuses a form with %s', async (_, type, raw) => {
    const house = await openServerHouse();
    const headers = { 'content-type': type };
    expect((await problem(await house.ask('POST', '/v1/jobs', { raw, headers }))).code).toBe('wrong-input');
  });

  it('refuses a form with a field twice, a file twice, or too many fields', async () => {
    const house = await openServerHouse();
    const form = (fields: readonly (readonly [string, string])[]): FormData => {
      const made = new FormData();
      for (const [name, value] of fields) made.append(name, value);
      return made;
    };
    const own = ['request', JSON.stringify({ team: 'pair', files: { 'a.md': 'A' } })] as const;
    const many = Array.from({ length: 1_001 }, (_, place) => [`f${place}.md`, 'x'] as const);
    for (const [fields, status] of [
      [[own, own], 400],
      [[own, ['a.md', 'again']], 400],
      [[['request', 'no json']], 400],
      [[own, ...many], 413],
    ] as const) {
      expect((await house.ask('POST', '/v1/jobs', { raw: form(fields) })).status).toBe(status);
    }
  });

  it('reads nothing that is nested deeper than a hundred levels', async () => {
    const house = await openServerHouse();
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const headers = { 'content-type': 'application/json' };
    const request = (levels: number) => `{"team":"pair","text":"x","params":{"deep":${nested(levels)}}}`;
    const post = (raw: string | FormData) =>
      house.ask('POST', '/v1/jobs', { raw, headers: typeof raw === 'string' ? headers : {} });
    const form = new FormData();
    form.append('request', request(100_000));
    for (const raw of [nested(101), request(99), request(100_000), form]) {
      const { code, detail } = await problem(await post(raw));
      expect([code, detail]).toEqual(['wrong-input', expect.stringContaining('deeper than 100 levels')]);
    }
    expect((await problem(await post(nested(100)))).detail).not.toContain('deeper');
  });

  it('leaves room for the forms of others when those of one key come slowly', async () => {
    const house = await openServerHouse({ limits: { formsMax: 3, formsPerKeyMax: 2 } });
    const [ann, ben] = [await house.key('ann'), await house.key('ben')];
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const slow = new AbortController();
    let reading = 0;
    const send = (key: string) => {
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
        reading += 1;
        return new Promise((resolve) => {
          const end = (): void => resolve(controller.close());
          slow.signal.addEventListener('abort', end);
        });
      };
      const raw = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
      return house.ask('POST', '/v1/jobs', { key, headers, raw });
    };
    const untilReading = async (forms: number): Promise<void> => {
      while (reading < forms) await new Promise((resolve) => setImmediate(resolve));
    };
    const waiting = [send(ann), send(ann)];
    await untilReading(2);
    expect((await send(ann)).status).toBe(429);
    waiting.push(send(ben));
    await untilReading(3);
    slow.abort();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([400, 400, 400]);
  });

  it('finds nothing under what cannot be an id', async () => {
    const house = await openServerHouse();
    for (const id of ['a%00b', 'a%20b', '%F0%9F%98%80', 'x'.repeat(129)]) {
      for (const path of [
        'jobs/ID',
        'jobs/ID/events',
        'schedules/ID',
        'webhooks/ID',
        'webhooks/ID/deliveries',
      ]) {
        const found = await house.ask('GET', `/v1/${path.replace('ID', id)}`);
        expect([path, (await problem(found)).code]).toEqual([path, 'not-found']);
      }
      expect((await house.ask('POST', `/v1/keys/${id}/revoke`)).status).toBe(404);
    }
  });

  it('says what there is instead of an unknown path or method', async () => {
    const house = await openServerHouse();
    expect(await problem(await house.ask('GET', '/v2/jobs'))).toMatchObject({ code: 'not-found' });
    const wrong = await house.ask('DELETE', '/v1/jobs/x');
    expect(wrong.headers.get('allow')).toBe('GET, HEAD');
    expect(await problem(wrong)).toMatchObject({ code: 'wrong-method', status: 405 });
  });

  it('shows nothing of a bug to the client, and all of it to the operator', async () => {
    const house = await openServerHouse({
      parts: ({ desk }) => ({
        desk: { ...desk, status: async () => Promise.reject(new Error('canary inside')) },
      }),
    });
    const broken = await house.ask('GET', '/v1/jobs/x', { headers: { 'x-request-id': 'look-here' } });
    const text = await broken.text();
    expect(broken.status).toBe(500);
    expect(text).not.toContain('canary');
    expect(text).toContain('look-here');
    expect(house.reports).toHaveLength(1);
    expect(house.reports[0]).toMatch(/^Request look-here \(\/v1\/jobs\/\{id\}\) broke: Error: canary inside/);
    expect(house.reports[0]).not.toContain('\n');
  });

  it('passes on what a store says in words', async () => {
    const down = new InspanError([failure('storage-failed', 'The store does not answer. Try again.')]);
    const house = await openServerHouse({
      parts: ({ desk }) => ({ desk: { ...desk, list: async () => Promise.reject(down) } }),
    });
    expect(await problem(await house.ask('GET', '/v1/jobs'))).toMatchObject({ code: 'storage-failed' });
    expect(house.reports).toEqual([]);
  });

  it('asks whoever calls while the database is away to come again, and does not flood the operator', async () => {
    const away = new StorageError('Postgres failed: canary', 'undone', null);
    const house = await openServerHouse({
      parts: ({ desk }) => ({ desk: { ...desk, list: async () => Promise.reject(away) } }),
    });
    const refused = await house.ask('GET', '/v1/jobs');
    expect(refused.headers.get('retry-after')).toBe('2');
    const { code, status, detail } = await problem(refused);
    expect({ code, status }).toEqual({ code: 'storage-failed', status: 503 });
    expect(detail).not.toContain('canary');
    expect(house.reports).toEqual([]);
  });

  it('also answers with a problem where not even the door can be asked', async () => {
    const away = new StorageError('Postgres failed: canary', 'undone', null);
    const house = await openServerHouse({
      parts: ({ store }) => ({
        store: { ...store, keys: { ...store.keys, any: async () => Promise.reject(away) } },
      }),
    });
    expect(await problem(await house.ask('GET', '/v1/jobs'))).toMatchObject({ code: 'storage-failed' });
    expect(house.log).toMatchObject([{ status: 503, route: null }]);
  });

  it('never echoes what could break a header or a line of the log', async () => {
    const house = await openServerHouse();
    const odd = await house.ask('GET', '/v1/jobs/x', { headers: { 'x-request-id': 'a b;{}' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^req_/);
    const split = await house.ask('GET', '/v1/jobs/%0d%0aset-cookie:x/files/%0d%0aset-cookie:x');
    expect([split.status, split.headers.get('set-cookie')]).toEqual([404, null]);
    expect(house.log.map(({ route }) => route)).toEqual(['/v1/jobs/{id}', null]);
  });
});
