import { afterEach, describe, expect, it } from 'vitest';
import type { Json } from '../../core/index.ts';
import { openTiny, stillClock } from '../testing.ts';
import type { Simulator } from './open-simulator.ts';

const opened: Simulator[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((simulator) => simulator.close()));
});

async function open(profile: Json, clock = stillClock()) {
  const simulator = await openTiny(profile, clock);
  opened.push(simulator);
  const talk = async (body: Json, key = 'key-a') => {
    const response = await fetch(`${simulator.url}/talk`, {
      method: 'POST',
      headers: { 'x-key': key },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as TinyBody };
  };
  return { simulator, talk };
}

interface TinyBody {
  readonly code?: string;
  readonly said?: string;
  readonly retryAfterS?: number | null;
  readonly promptTokens?: number;
  readonly limits?: { readonly requests: { readonly remaining: number } | null };
  readonly blocks?: readonly { readonly type: string; readonly text?: string; readonly input?: Json }[];
  readonly stop?: string;
  readonly usage?: { readonly [bucket: string]: number };
  readonly breaksArguments?: boolean;
}

const hello = { brain: { script: [{ say: 'Hello to you.' }] } };
const words = (count: number) => 'word '.repeat(count).trim();

describe('a simulated provider', () => {
  it('bills each request by what it used, to the micro-dollar', async () => {
    const { simulator, talk } = await open(hello);
    const request = { say: words(12), cache: true };
    const first = await talk(request);
    expect(first.body.usage).toMatchObject({ cacheWrite5mTokens: 12, inputTokens: 0, outputTokens: 3 });
    const second = await talk(request);
    expect(second.body.usage).toMatchObject({ cacheReadTokens: 12, inputTokens: 0, outputTokens: 3 });
    expect(simulator.accounts().total).toMatchObject({
      requests: { answered: 2, untold: 0, refused: {} },
      usage: { cacheWrite5mTokens: 12, cacheReadTokens: 12, outputTokens: 6 },
      // The second request read for 2.4 micro-USD: each request is rounded by itself.
      costMicroUsd: 30 + 30 + (2 + 30),
    });
  });

  it('lets in the keys of its profile and no others', async () => {
    const { simulator, talk } = await open({ ...hello, keys: ['key-a'] });
    expect((await talk({ say: 'hi' })).status).toBe(200);
    for (const key of ['key-b', '']) expect((await talk({ say: 'hi' }, key)).body.code).toBe('bad-key');
    expect(simulator.accounts().total.requests).toEqual({
      answered: 1,
      untold: 0,
      refused: { 'bad-key': 2 },
    });
  });

  it('lets in everyone where its profile names no keys', async () => {
    const { talk } = await open(hello);
    expect((await talk({ say: 'hi' }, '')).status).toBe(200);
  });

  it('refuses a prompt that fills the context, and stops where the context ends', async () => {
    const { talk } = await open(hello);
    const { code, said } = (await talk({ say: words(100_000) })).body;
    expect([code, said]).toEqual(['context-overflow', '100000 tokens > 100000 maximum']);
    const { body } = await talk({ say: words(99_998) });
    expect([body.blocks?.[0]?.text?.trim(), body.stop]).toEqual(['Hello to', 'context-full']);
  });

  it('stops where the output may not be longer', async () => {
    const { talk } = await open(hello);
    const { body } = await talk({ say: 'hi', outputTokensMax: 2 });
    expect([body.blocks?.[0]?.text?.trim(), body.stop, body.usage?.['outputTokens']]).toEqual([
      'Hello to',
      'output-limit',
      2,
    ]);
  });

  it('only warms the cache where no output is asked for', async () => {
    const { talk } = await open(hello);
    const warm = await talk({ say: words(12), cache: true, outputTokensMax: 0 });
    expect(warm.body).toMatchObject({ blocks: [], usage: { cacheWrite5mTokens: 12, outputTokens: 0 } });
    expect((await talk({ say: words(12), cache: true })).body.usage?.['cacheReadTokens']).toBe(12);
  });

  it('limits each key by its profile', async () => {
    const clock = stillClock();
    const { simulator, talk } = await open({ ...hello, limits: { requestsPerMinute: 1 } }, clock);
    expect((await talk({ say: 'hi' })).body.limits?.requests?.remaining).toBe(0);
    expect((await talk({ say: 'hi' })).body).toMatchObject({ code: 'rate-limited', retryAfterS: 60 });
    expect((await talk({ say: 'hi' }, 'key-b')).status).toBe(200);
    simulator.advance(60_000);
    expect((await talk({ say: 'hi' })).status).toBe(200);
  });

  it('forgets a prefix when its clock is moved on', async () => {
    const { simulator, talk } = await open(hello);
    const request = { say: words(12), cache: true };
    await talk(request);
    simulator.advance(299_999);
    expect((await talk(request)).body.usage?.['cacheReadTokens']).toBe(12);
    simulator.advance(300_000);
    expect((await talk(request)).body.usage?.['cacheReadTokens']).toBe(0);
  });
});

describe('faults', () => {
  it.each([
    ['rate-limited', 'rate-limited'],
    ['overloaded', 'overloaded'],
    ['server-error', 'server-error'],
    ['quota-exhausted', 'quota-exhausted'],
    ['bad-key', 'bad-key'],
  ])('of the kind %s refuse a request', async (fault, code) => {
    const { simulator, talk } = await open({ ...hello, faults: [{ fault, at: [2] }] });
    expect((await talk({ say: 'hi' })).status).toBe(200);
    expect((await talk({ say: 'hi' })).body).toMatchObject({ code, retryAfterS: null });
    expect(simulator.accounts().total.requests.refused).toEqual({ [code]: 1 });
  });

  it('say how long to wait where the profile says so', async () => {
    const { talk } = await open({ ...hello, faults: [{ fault: 'rate-limited', retryAfterS: 7 }] });
    expect((await talk({ say: 'hi' })).body.retryAfterS).toBe(7);
  });

  it('of a context overflow tell a length that would be one', async () => {
    const { talk } = await open({ ...hello, faults: [{ fault: 'context-overflow' }] });
    expect((await talk({ say: 'hi' })).body).toMatchObject({
      code: 'context-overflow',
      promptTokens: 100_001,
    });
  });

  it('strike at the numbers of the requests they are meant for', async () => {
    const faults = [
      { fault: 'overloaded', every: 2, model: 'claude-opus-5' },
      { fault: 'server-error', at: [1], model: 'anthropic/claude-sonnet-5' },
      { fault: 'quota-exhausted', wire: 'chat' },
    ];
    const { talk } = await open({ ...hello, faults });
    const codes: unknown[] = [];
    for (const model of ['opus-5', 'sonnet-5', 'opus-5', 'sonnet-5', 'opus-5', 'opus-5']) {
      codes.push((await talk({ say: 'hi', model: `claude-${model}` })).body.code);
    }
    expect(codes).toEqual([undefined, 'server-error', 'overloaded', undefined, undefined, 'overloaded']);
  });

  it('strike by their rate, and the same requests in every run', async () => {
    const struck = async (seed: number) => {
      const { talk } = await open({ ...hello, seed, faults: [{ fault: 'overloaded', rate: 0.3 }] });
      const statuses: number[] = [];
      for (let number = 0; number < 100; number += 1) statuses.push((await talk({ say: 'hi' })).status);
      return statuses.map((status) => (status === 200 ? '.' : '!')).join('');
    };
    const runs = [await struck(1), await struck(1), await struck(2)];
    expect(runs[0]).toBe(runs[1]);
    expect(runs[0]).not.toBe(runs[2]);
    const share = (runs[0]?.match(/!/g)?.length ?? 0) / 100;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.45);
  });

  it('make arguments that break the schema of their tool', async () => {
    const calls = [{ tool: 'look', input: { at: 'here', how: {} } }];
    const { talk } = await open({
      brain: { script: [{ calls }] },
      faults: [
        { fault: 'wrong-arguments', at: [1] },
        { fault: 'broken-arguments', at: [2] },
      ],
    });
    const [wrong, broken] = [await talk({ say: 'hi' }), await talk({ say: 'hi' })];
    expect(wrong.body.blocks?.[0]?.input).toEqual({ at: { wrong: true }, how: 'wrong', unexpected: true });
    expect(wrong.body.breaksArguments).toBe(false);
    expect(broken.body.blocks?.[0]?.input).toEqual({ at: 'here', how: {} });
    expect(broken.body.breaksArguments).toBe(true);
  });

  it('of the kind refusal make the model refuse, and are billed', async () => {
    const { simulator, talk } = await open({ ...hello, faults: [{ fault: 'refusal' }] });
    expect((await talk({ say: 'hi' })).body.stop).toBe('refused');
    expect(simulator.accounts().total.requests.answered).toBe(1);
  });

  it('of the kind hang-up close the connection without an answer', async () => {
    const { simulator, talk } = await open({ ...hello, faults: [{ fault: 'hang-up', at: [1] }] });
    await expect(talk({ say: 'hi' })).rejects.toThrow('fetch failed');
    expect(simulator.accounts().total.requests.refused).toEqual({ 'hangs-up': 1 });
    expect((await talk({ say: 'hi' })).status).toBe(200);
  });
});

describe('the brain', () => {
  it('of a script answers the n-th turn with the n-th reply, and begins again after the last', async () => {
    const { talk } = await open({ brain: { script: [{ say: 'one' }, { say: 'two' }] } });
    const said: unknown[] = [];
    for (const turns of [0, 1, 2, 0]) said.push((await talk({ say: 'hi', turns })).body.blocks?.[0]?.text);
    expect(said).toEqual(['one', 'two', 'one', 'one']);
  });

  it('of a script prefers replies that are meant for what the user said', async () => {
    const script = [
      { say: 'other' },
      { when: 'refund', calls: [{ tool: 'look' }] },
      { when: 'refund', think: 'Let me see.', say: 'Refunded.' },
    ];
    const { talk } = await open({ brain: { script } });
    const [first, second] = [await talk({ say: 'A Refund!' }), await talk({ say: 'A Refund!', turns: 1 })];
    expect([first.body.blocks?.[0]?.type, first.body.stop]).toEqual(['tool-call', 'tool-calls']);
    expect(second.body.blocks).toEqual([
      { type: 'opaque', provider: 'anthropic', content: { thinking: 'Let me see.' } },
      { type: 'text', text: 'Refunded.' },
    ]);
    expect(second.body.usage).toMatchObject({ outputTokens: 1, reasoningTokens: 3 });
    expect((await talk({ say: 'hi' })).body.blocks?.[0]?.text).toBe('other');
  });

  it('of a script says so where no reply is meant for a request', async () => {
    const { talk } = await open({ brain: { script: [{ when: 'refund', say: 'Refunded.' }] } });
    expect((await talk({ say: 'hi' })).body.blocks?.[0]?.text).toBe(
      'The simulator has no scripted reply for this request: add one without `when`.',
    );
  });

  it('of fixed length says so many tokens, and calls a tool in the first turns', async () => {
    const { talk } = await open({ brain: { fixed: { tokens: 25, toolCalls: 2 } } });
    const kinds: unknown[] = [];
    for (const turns of [0, 1, 2]) {
      const { body } = await talk({ say: 'hi', turns });
      expect(body.blocks?.[0]?.text?.trim().split(' ')).toHaveLength(25);
      kinds.push([body.stop, body.blocks?.[1]?.input]);
    }
    const called = ['tool-calls', { at: 'word', how: {} }];
    expect(kinds).toEqual([called, called, ['done', undefined]]);
  });

  it('is the offline model where nothing is said', async () => {
    const { talk } = await open({});
    const { body } = await talk({ say: 'Summarize: water boils at 100 degrees.' });
    expect(body.blocks?.[0]?.text).not.toBe('');
    expect(body.usage?.['outputTokens']).toBeGreaterThan(0);
  });
});
