import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openServerHouse } from '../../test/setup/server-house.ts';
import { readJson } from './http/read-json.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const words = [
  'v1',
  'jobs',
  'files',
  'events',
  'steps',
  'teams',
  'keys',
  'webhooks',
  'audit',
  'docs',
  '..',
  '%2e%2e',
];
const segment = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 12 }).map(encode));
const path = fc.array(segment, { maxLength: 7 }).map((parts) => `/${parts.join('/')}`);
const types = [
  'application/json',
  'multipart/form-data; boundary=b',
  'text/plain',
  'application/JSON; charset=utf-8',
  '',
];

function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ff';
}

/** Values that break what was written for plain data. */
const odd = fc.constantFrom<unknown>(
  '__proto__',
  'constructor',
  -1,
  1e308,
  '',
  null,
  [],
  {},
  { base64: '!' },
  '\u0000',
);
const body = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ maxLength: 60 }),
  fc
    .record({
      team: fc.oneof(fc.constant('pair'), odd),
      files: fc.dictionary(fc.string(), odd),
      params: odd,
      labels: odd,
    })
    .map((value) => JSON.stringify(value)),
);

describe('a thousand strange requests', () => {
  it('get an answer that is never a bug, and never a word of a stack', async () => {
    const house = await openServerHouse();
    const request = fc.record({
      method: fc.constantFrom(...methods),
      path,
      query: fc.oneof(
        fc.constant(''),
        fc.webQueryParameters().map((query) => `?${query}`),
      ),
      type: fc.constantFrom(...types),
      body,
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path: to, query, type, body: raw }) => {
        const hasBody = !['GET', 'HEAD'].includes(method);
        const stop = new AbortController();
        const response = await house.ask(method, `${to}${query}`, {
          headers: { 'content-type': type },
          signal: stop.signal,
          ...(hasBody ? { raw } : {}),
        });
        const text = await response.text();
        expect(response.status, text).not.toBe(500);
        expect(text).not.toMatch(/node_modules|\.ts:\d/);
        stop.abort();
      }),
      { numRuns: 1_000 },
    );
    expect(house.reports).toEqual([]);
  });
});

describe('the place of a mistake in JSON', () => {
  it('is always told for what is no JSON, and only for that', () => {
    const text = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().chain((json) => fc.nat(json.length).map((at) => json.slice(0, at))),
    );
    fc.assert(
      fc.property(text, (given) => {
        const read = readJson(new TextEncoder().encode(given));
        let isJson = true;
        try {
          JSON.parse(given.toWellFormed());
        } catch {
          isJson = false;
        }
        expect(read.ok).toBe(isJson);
        const told = read.ok ? 'is empty' : read.failure.message;
        expect(told).toMatch(/line \d+, column \d+|is empty/);
      }),
      { numRuns: 1_000 },
    );
  });
});
