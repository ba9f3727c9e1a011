import { afterEach, describe, expect, it } from 'vitest';
import { isJsonObject, type Json } from '../../core/index.ts';
import { openSimulator } from '../server/open-simulator.ts';
import { parseProfile } from '../server/parse-profile.ts';
import type { SimModel } from '../server/wire.ts';
import { ollamaWire } from './ollama.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const models: readonly SimModel[] = ['qwen3:8b', 'nomic-embed-text:latest'].map((name) => ({
  provider: 'ollama',
  name,
  contextTokensMax: 1000,
  outputTokensMax: 500,
}));

interface Told {
  readonly status: number;
  readonly type: string | null;
  readonly lines: readonly { readonly [name: string]: Json }[];
}

type Call = (path: string, body?: object | string) => Promise<Told>;

async function open(profile: object): Promise<Call> {
  const parsed = parseProfile(profile);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const simulator = await openSimulator({
    profile: parsed.value,
    wires: [ollamaWire],
    models,
    countTokens: (text) => Math.ceil(text.length / 4),
    clock: { now: () => Date.UTC(2026, 10, 21), sleep: async () => undefined },
    priceOf: () => null,
    cachePrefixTokensMin: () => null,
  });
  closers.push(simulator.close);
  return async (path, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${simulator.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: text }),
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    const type = response.headers.get('content-type');
    return {
      status: response.status,
      type,
      lines: lines.map((line) => JSON.parse(line) as Told['lines'][number]),
    };
  };
}

const says = (say: string) => ({ brain: { script: [{ say }] } });
const ask = { model: 'qwen3:8b', messages: [{ role: 'user', content: 'How is Oslo?' }] };
const weather = {
  type: 'function',
  function: { name: 'weather', description: 'Tells it.', parameters: { type: 'object', properties: {} } },
};
const calls = {
  brain: {
    script: [
      { think: 'A city.', say: 'Looking.', calls: [{ tool: 'weather', input: { city: 'Oslo' } }] },
      { say: 'Snow.' },
    ],
  },
};

const messageOf = (line: Told['lines'][number] | undefined): { readonly [name: string]: Json } => {
  const message = line?.['message'];
  return isJsonObject(message) ? message : {};
};
const fieldOf = (line: Told['lines'][number] | undefined, field: string): string => {
  const value = messageOf(line)[field];
  return typeof value === 'string' ? value : '';
};
const joined = ({ lines }: Told, field: string): string => lines.map((line) => fieldOf(line, field)).join('');

describe('POST /api/chat', () => {
  it('streams lines of JSON unless told not to, and counts in the last', async () => {
    const call = await open({ ...says('One two three four five.'), speed: { tokensPerSecond: 100 } });
    const streamed = await call('/api/chat', ask);
    expect(streamed.type).toBe('application/x-ndjson');
    expect(joined(streamed, 'content')).toBe('One two three four five.');
    expect(streamed.lines.map(({ done }) => done)).toEqual([false, false, true]);
    expect(streamed.lines.at(-1)).toMatchObject({
      model: 'qwen3:8b',
      created_at: '2026-11-21T00:00:00.000Z',
      done_reason: 'stop',
      prompt_eval_count: 6,
      eval_count: 6,
      // Six tokens at a hundred a second, in nanoseconds.
      eval_duration: 60_000_000,
    });
    const whole = await call('/api/chat', { ...ask, stream: false });
    expect(whole.lines).toMatchObject([{ message: { content: 'One two three four five.' }, done: true }]);
  });

  it('tells thinking apart, and none to who wants none', async () => {
    const call = await open({ brain: { script: [{ think: 'Hm.', say: 'Yes.' }] } });
    const thinking = await call('/api/chat', { ...ask, think: true });
    expect(joined(thinking, 'thinking')).toBe('Hm.');
    expect(joined(await call('/api/chat', { ...ask, think: false }), 'thinking')).toBe('');
  });

  it('calls tools with objects, and takes their results by name', async () => {
    const call = await open(calls);
    const first = await call('/api/chat', { ...ask, tools: [weather], stream: false });
    const message = messageOf(first.lines[0]);
    expect(message).toMatchObject({
      content: 'Looking.',
      thinking: 'A city.',
      tool_calls: [{ function: { index: 0, name: 'weather', arguments: { city: 'Oslo' } } }],
    });
    const result = { role: 'tool', tool_name: 'weather', content: 'Snow' };
    const second = await call('/api/chat', { ...ask, messages: [...ask.messages, message, result] });
    expect(joined(second, 'content')).toBe('Snow.');
  });

  it('leaves calls that are broken as text', async () => {
    const call = await open({ ...calls, faults: [{ fault: 'broken-arguments', at: [1] }] });
    const { lines } = await call('/api/chat', { ...ask, tools: [weather], stream: false });
    expect(messageOf(lines[0])['tool_calls']).toBeUndefined();
    expect(fieldOf(lines[0], 'content')).toMatch(/"name": "weather"/);
  });

  it('holds an answer to a schema', async () => {
    const call = await open({});
    const format = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
    const { lines } = await call('/api/chat', { ...ask, format, stream: false });
    const content = JSON.parse(fieldOf(lines[0], 'content')) as object;
    expect(Object.keys(content)).toEqual(['title']);
  });

  it('leaves the oldest messages out where the context is too small, and stops at its limit', async () => {
    const call = await open(says('word '.repeat(50)));
    const old = { role: 'user', content: 'x'.repeat(3000) };
    const options = { num_ctx: 100, num_predict: 5 };
    const { lines } = await call('/api/chat', {
      ...ask,
      messages: [old, ...ask.messages],
      options,
      stream: false,
    });
    expect(lines[0]).toMatchObject({ prompt_eval_count: 6, done_reason: 'length' });
  });

  it('only loads the model when there is nothing to say', async () => {
    const call = await open(says('Hello.'));
    const { lines } = await call('/api/chat', { ...ask, messages: [] });
    expect(lines).toMatchObject([{ done: true, done_reason: 'load' }]);
  });

  it.each<[object | string, number, string]>([
    ['{', 400, 'the request body is no JSON object'],
    [{ messages: [] }, 400, 'model is required'],
    [{ ...ask, model: 'llama9' }, 404, "model 'llama9' not found"],
    [{ ...ask, stream: 'no' }, 400, "Invalid type for 'stream'"],
  ])('refuses %j in one sentence', async (body, status, error) => {
    const call = await open(says('Hello.'));
    const told = await call('/api/chat', body);
    expect(told.status).toBe(status);
    expect(told.lines).toEqual([{ error: expect.stringContaining(error) }]);
  });

  it('says that it is busy, before an answer and within one', async () => {
    const error = 'server busy, please try again.  maximum pending requests exceeded';
    const faults = [
      { fault: 'overloaded', at: [1] },
      { fault: 'overloaded-midway', at: [2], through: 0.5 },
    ];
    const call = await open({ ...says('One two three four five.'), faults });
    expect(await call('/api/chat', ask)).toMatchObject({ status: 503, lines: [{ error }] });
    const broken = await call('/api/chat', ask);
    expect(broken.status).toBe(200);
    expect(broken.lines.at(-1)).toEqual({ error });
  });
});

describe('the other endpoints of Ollama', () => {
  it('embed texts, alike ones near each other', async () => {
    const call = await open({});
    const input = ['A cat on a mat.', 'The cat, the mat.'];
    const { lines } = await call('/api/embed', { model: 'nomic-embed-text', input, dimensions: 128 });
    const [one = [], two = []] = (lines[0]?.['embeddings'] ?? []) as number[][];
    expect(one).toHaveLength(128);
    expect(one.reduce((sum, value, index) => sum + value * (two[index] ?? 0), 0)).toBeGreaterThan(0.2);
  });

  it('list and show models, and tell the version', async () => {
    const call = await open({});
    const tags = await call('/api/tags');
    expect(tags.lines[0]?.['models']).toMatchObject([
      { name: 'qwen3:8b', details: { family: 'qwen3', parameter_size: '8B' } },
      { name: 'nomic-embed-text:latest' },
    ]);
    const { lines } = await call('/api/show', { model: 'qwen3:8b' });
    expect(lines[0]).toMatchObject({
      model_info: { 'qwen3.context_length': 1000 },
      capabilities: ['completion', 'tools', 'thinking'],
    });
    expect((await call('/api/version')).lines[0]).toHaveProperty('version');
  });
});
