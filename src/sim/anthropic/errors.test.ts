import { Anthropic } from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hello, openBench, says, type TestBench } from './testing.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) await close();
});

async function open(profile: object): Promise<TestBench> {
  const bench = await openBench(profile);
  closers.push(bench.simulator.close);
  return bench;
}

describe('errors', () => {
  it('tells wrong keys, unknown models and bad requests by their classes', async () => {
    const { client, clientWith } = await open({ ...says('Hi.'), keys: ['sk-test'] });
    const stranger = clientWith('sk-other');
    await expect(stranger.messages.create(hello)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(client.messages.create({ ...hello, model: 'claude-9' })).rejects.toMatchObject({
      status: 404,
      type: 'not_found_error',
      apiMessage: 'model: claude-9',
    });
    const rejected = client.messages.create({ ...hello, messages: [] });
    await expect(rejected).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(rejected).rejects.toMatchObject({ requestID: expect.stringMatching(/^req_01/) });
  });

  it('tells rate limits with every header', async () => {
    const limits = { requestsPerMinute: 1, inputTokensPerMinute: 50_000, outputTokensPerMinute: 10_000 };
    const { client } = await open({ ...says('Hi.'), limits });
    const { response } = await client.messages.create(hello).withResponse();
    expect(response.headers.get('anthropic-ratelimit-input-tokens-limit')).toBe('50000');
    expect(response.headers.get('anthropic-ratelimit-input-tokens-remaining')).toBe('50000');
    expect(response.headers.get('anthropic-ratelimit-tokens-limit')).toMatch(/^(50000|10000)$/);
    const refused = await client.messages.create(hello).catch((error: unknown) => error);
    if (!(refused instanceof Anthropic.RateLimitError)) throw refused;
    expect(refused.type).toBe('rate_limit_error');
    expect(refused.apiMessage).toMatch(/^This request would exceed the rate limit for your organization/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0');
    expect(refused.headers.get('anthropic-ratelimit-requests-reset')).toMatch(/^2026-11-21T00:0\d:\d\dZ$/);
  });

  it('tells a spent limit without saying when to come again', async () => {
    const { client } = await open({ ...says('Hi.'), faults: [{ fault: 'quota-exhausted' }] });
    const refused = await client.messages.create(hello).catch((error: unknown) => error);
    if (!(refused instanceof Anthropic.RateLimitError)) throw refused;
    expect(refused.errorCode).toBe('enforced_spend_limit_reached');
    expect(refused.headers.get('retry-after')).toBeNull();
  });

  it('is tried again by the SDK after the time it names', async () => {
    const { clientWith } = await open({
      ...says('Hi.'),
      faults: [{ fault: 'overloaded', at: [1], retryAfterS: 7 }],
    });
    const client = clientWith('sk-test', 1);
    const realTimeout = globalThis.setTimeout;
    const waits: number[] = [];
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) => {
      if (ms === 7000) waits.push(ms);
      return realTimeout(run, ms === 7000 ? 0 : ms);
    }) as typeof setTimeout);
    expect((await client.messages.create(hello)).content).toMatchObject([{ text: 'Hi.' }]);
    expect(waits).toEqual([7000]);
  });

  it('can be overloaded before it answers and in the middle of an answer', async () => {
    const { client } = await open({ ...says('Hi.'), faults: [{ fault: 'overloaded' }] });
    await expect(client.messages.create(hello)).rejects.toBeInstanceOf(Anthropic.OverloadedError);
    const midway = await open({ ...says('One two three.'), faults: [{ fault: 'overloaded-midway' }] });
    const broken = midway.client.messages.stream(hello).finalMessage();
    await expect(broken).rejects.toMatchObject({ type: 'overloaded_error', status: undefined });
  });

  it('asks for a key and a version that it knows, in either header', async () => {
    const { simulator } = await open({ ...says('Hi.'), keys: ['sk-test'] });
    const ask = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
      const response = await fetch(`${simulator.url}/v1/messages`, {
        method: 'POST',
        headers,
        body: JSON.stringify(hello),
      });
      const { error } = (await response.json()) as { readonly error?: { readonly message: string } };
      return error?.message ?? response.status;
    };
    const version = { 'anthropic-version': '2023-06-01' };
    expect(await ask({ ...version, 'x-api-key': 'sk-test' })).toBe(200);
    expect(await ask({ ...version, authorization: 'Bearer sk-test' })).toBe(200);
    expect(await ask(version)).toBe('x-api-key header is required');
    expect(await ask({ 'x-api-key': 'sk-test' })).toBe('anthropic-version: header is required');
    expect(await ask({ 'x-api-key': 'sk-test', 'anthropic-version': '2020' })).toMatch(/not a valid version/);
  });

  it('tells a prompt that is too long by how much', async () => {
    const { client } = await open(says('Hi.'));
    const messages = [{ role: 'user' as const, content: 'x'.repeat(800_000) }];
    await expect(client.messages.create({ ...hello, messages })).rejects.toMatchObject({
      status: 400,
      apiMessage: 'prompt is too long: 200007 tokens > 200000 maximum',
    });
  });

  it('refuses what is larger than a request may be', async () => {
    const { client } = await open(says('Hi.'));
    const messages = [{ role: 'user' as const, content: 'x'.repeat(33 * 1024 * 1024) }];
    const rejected = client.messages.create({ ...hello, messages });
    await expect(rejected).rejects.toBeInstanceOf(Anthropic.ContentTooLargeError);
  });

  it('leaves the connection of a client that it hangs up on', async () => {
    const { client } = await open({ ...says('Hi.'), faults: [{ fault: 'hang-up' }] });
    await expect(client.messages.create(hello)).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
  });
});
