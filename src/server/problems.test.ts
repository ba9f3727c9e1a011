import { describe, expect, it } from 'vitest';
import { openServerHouse, readBody } from '../../test/setup/server-house.ts';
import { failure, failureCodes, InspanError } from '../core/index.ts';
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

  it('never echoes what could break a header or a line of the log', async () => {
    const house = await openServerHouse();
    const odd = await house.ask('GET', '/v1/jobs/x', { headers: { 'x-request-id': 'a b;{}' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^req_/);
    const split = await house.ask('GET', '/v1/jobs/%0d%0aset-cookie:x/files/%0d%0aset-cookie:x');
    expect([split.status, split.headers.get('set-cookie')]).toEqual([404, null]);
    expect(house.log.map(({ route }) => route)).toEqual(['/v1/jobs/{id}', null]);
  });
});
