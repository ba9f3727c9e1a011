import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSimulator, type Simulator } from '../../server/open-simulator.ts';
import { parseProfile } from '../../server/parse-profile.ts';
import type { SimModel } from '../../server/wire.ts';
import { openaiWire } from '../openai.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const sizes = { contextTokensMax: 20_000, outputTokensMax: 4000 };
const models: readonly SimModel[] = [
  { provider: 'openai', name: 'gpt-6-sol', ...sizes },
  { provider: 'openai', name: 'gpt-4.1', ...sizes },
  { provider: 'openai', name: 'text-embedding-3-small', ...sizes },
  { provider: 'ollama', name: 'qwen3:8b', ...sizes },
];

async function open(profile: object): Promise<{ client: OpenAI; simulator: Simulator; waitedMs: number[] }> {
  const parsed = parseProfile(profile);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const waitedMs: number[] = [];
  const simulator = await openSimulator({
    profile: parsed.value,
    wires: [openaiWire],
    models,
    countTokens: (text) => Math.ceil(text.length / 4),
    clock: { now: () => Date.UTC(2026, 10, 21), sleep: async (ms) => void waitedMs.push(ms) },
    priceOf: () => ({
      inputMicroUsd: 1_000_000,
      cacheReadMicroUsd: 100_000,
      cacheWrite5mMicroUsd: 1_250_000,
      cacheWrite1hMicroUsd: 2_500_000,
      outputMicroUsd: 5_000_000,
    }),
    cachePrefixTokensMin: () => 100,
  });
  closers.push(simulator.close);
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
  return { client, simulator, waitedMs };
}

const says = (say: string) => ({ brain: { script: [{ say }] } });
const hello = {
  model: 'gpt-6-sol',
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
};
const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Tells the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const callsWeather = {
  brain: {
    script: [
      { say: 'Looking.', calls: ['Oslo', 'Rome'].map((city) => ({ tool: 'weather', input: { city } })) },
      { say: 'Snow in Oslo, sun in Rome.' },
    ],
  },
};

describe('the official client on Chat Completions', () => {
  it('is answered with what was said and what it used', async () => {
    const { client, simulator } = await open(says('Hello there.'));
    const { data, request_id } = await client.chat.completions.create(hello).withResponse();
    expect(data).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-6-sol',
      service_tier: 'default',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello there.', refusal: null },
          finish_reason: 'stop',
        },
      ],
      // Ten characters are three tokens here, a message's frame three more.
      usage: {
        prompt_tokens: 6,
        completion_tokens: 3,
        total_tokens: 9,
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    expect(request_id).toMatch(/^req_/);
    expect(simulator.accounts()).toMatchObject({ total: { requests: { answered: 1 }, costMicroUsd: 21 } });
  });

  it.each([true, false])(
    'streams chunks, with usage in the last when asked for: %s',
    async (include_usage) => {
      const { client, simulator } = await open({
        brain: { script: [{ think: 'Quietly.', say: 'One two three four five.' }] },
      });
      const stream_options = { include_usage };
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of await client.chat.completions.create({
        ...hello,
        stream: true,
        stream_options,
      }))
        chunks.push(chunk);
      const deltas = chunks.map(({ choices }) => choices[0]?.delta);
      expect(deltas[0]).toEqual({ role: 'assistant', content: '', refusal: null });
      expect(deltas.map((delta) => delta?.content ?? '').join('')).toBe('One two three four five.');
      expect(chunks.findLast(({ choices }) => choices.length > 0)?.choices[0]?.finish_reason).toBe('stop');
      const told = chunks.map(({ usage }) => usage?.completion_tokens_details?.reasoning_tokens);
      expect(told.slice(0, -1).every((reasoning) => reasoning === undefined)).toBe(true);
      expect(told.at(-1)).toBe(include_usage ? 2 : undefined);
      expect(chunks.at(-1)?.choices).toHaveLength(include_usage ? 0 : 1);
      // Who does not ask for usage pays all the same.
      expect(simulator.accounts().total.usage).toMatchObject({ inputTokens: 6, reasoningTokens: 2 });
    },
  );

  it('puts streamed tool calls together', async () => {
    const { client } = await open(callsWeather);
    const runner = client.chat.completions.stream({ ...hello, tools: [weather] });
    const { choices } = await runner.finalChatCompletion();
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Looking.',
        tool_calls: [
          { type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
          { type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
        ],
      },
    });
  });

  it('runs tools to the end by itself', async () => {
    const { client } = await open(callsWeather);
    const cities: string[] = [];
    const runner = client.chat.completions.runTools({
      ...hello,
      tools: [
        {
          type: 'function',
          function: {
            ...weather.function,
            parse: (text: string) => JSON.parse(text) as { city: string },
            function: ({ city }: { city: string }) => `${cities.push(city)} degrees`,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('Snow in Oslo, sun in Rome.');
    expect(cities).toEqual(['Oslo', 'Rome']);
  });

  it('parses an answer that was held to a schema', async () => {
    const { client } = await open({});
    const Answer = z.object({ title: z.string(), points: z.array(z.string()) });
    const { choices } = await client.chat.completions.parse({
      ...hello,
      response_format: zodResponseFormat(Answer, 'answer'),
    });
    expect(Answer.safeParse(choices[0]?.message.parsed).success).toBe(true);
  });

  it('is told a refusal in its own field', async () => {
    const { client } = await open({ faults: [{ fault: 'refusal', at: [1, 2] }] });
    const { choices } = await client.chat.completions.create(hello);
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: null } });
    expect(choices[0]?.message.refusal).toMatch(/\w/);
    const streamed = await client.chat.completions.stream(hello).finalChatCompletion();
    expect(streamed.choices[0]?.message.refusal).toBe(choices[0]?.message.refusal);
  });

  it('is told broken arguments as they are', async () => {
    const { client } = await open({ ...callsWeather, faults: [{ fault: 'broken-arguments', at: [1] }] });
    const { choices } = await client.chat.completions.create({ ...hello, tools: [weather] });
    const [call] = choices[0]?.message.tool_calls ?? [];
    const text = call?.type === 'function' ? call.function.arguments : '';
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it('is stopped at its limit', async () => {
    const { client } = await open(says('word '.repeat(100)));
    const { choices, usage } = await client.chat.completions.create({ ...hello, max_completion_tokens: 10 });
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage?.completion_tokens).toBeLessThanOrEqual(10);
  });
});

describe('the prompt cache of Chat Completions', () => {
  const long = 'A long instruction. '.repeat(100);
  const system = { role: 'system' as const, content: long };

  it('reads what the turn before has written, and counts it inside the prompt', async () => {
    const { client } = await open(says('Yes.'));
    const first = [system, ...hello.messages];
    const one = await client.chat.completions.create({ ...hello, messages: first });
    const written = one.usage?.prompt_tokens_details?.cache_write_tokens;
    expect(written).toBe(one.usage?.prompt_tokens);
    const next = [
      ...first,
      { role: 'assistant' as const, content: 'Yes.' },
      { role: 'user' as const, content: 'And?' },
    ];
    const two = await client.chat.completions.create({ ...hello, messages: next });
    expect(two.usage?.prompt_tokens_details?.cached_tokens).toBe(written);
    const other = await client.chat.completions.create({
      ...hello,
      messages: next,
      reasoning_effort: 'high',
    });
    expect(other.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
  });

  it('writes at marks alone when told so', async () => {
    const { client } = await open(says('Yes.'));
    const marked = {
      role: 'system' as const,
      content: [
        { type: 'text' as const, text: long, prompt_cache_breakpoint: { mode: 'explicit' as const } },
      ],
    };
    const prompt_cache_options = { mode: 'explicit' as const };
    const ask = async (content: string, first: typeof system | typeof marked) => {
      const messages = [first, { role: 'user' as const, content }];
      const { usage } = await client.chat.completions.create({ ...hello, messages, prompt_cache_options });
      return usage?.prompt_tokens_details;
    };
    expect(await ask('a', system)).toMatchObject({ cached_tokens: 0, cache_write_tokens: 0 });
    expect(await ask('a', marked)).toMatchObject({ cached_tokens: 0, cache_write_tokens: 503 });
    expect(await ask('b', marked)).toMatchObject({ cached_tokens: 503, cache_write_tokens: 0 });
  });
});

describe('a wrong request', () => {
  const user = hello.messages;
  const call = {
    role: 'assistant',
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
  };
  const result = { role: 'tool', tool_call_id: 'c1', content: 'Sun.' };
  const strict = { name: 'answer', strict: true, schema: { type: 'object', properties: {} } };

  it.each<[change: object, message: string, names: readonly [code: string | null, param: string | null]]>([
    [
      { messages: undefined },
      "Missing required parameter: 'messages'.",
      ['missing_required_parameter', 'messages'],
    ],
    [{ messages: [] }, "Invalid 'messages': empty array.", ['empty_array', 'messages']],
    [
      { messages: [{ role: 'user', content: 5 }] },
      "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
      ['invalid_type', 'messages[0].content'],
    ],
    [
      { messages: [{ role: 'king', content: 'x' }] },
      "Invalid value: 'king'. Supported values are: 'developer', 'system', 'user', 'assistant', and 'tool'.",
      ['invalid_value', 'messages[0].role'],
    ],
    [{ tokens: 5 }, "Unknown parameter: 'tokens'.", ['unknown_parameter', 'tokens']],
    [{ max_tokens: 5 }, "Unsupported parameter: 'max_tokens'", ['unsupported_parameter', 'max_tokens']],
    [{ temperature: 0.2 }, "Unsupported value: 'temperature'", ['unsupported_value', 'temperature']],
    [
      { max_completion_tokens: 0 },
      "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
      ['integer_below_min_value', 'max_completion_tokens'],
    ],
    [
      { messages: [...user, result] },
      "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
      [null, 'messages.[1].role'],
    ],
    [
      { messages: [...user, call, ...user] },
      "An assistant message with 'tool_calls' must be followed by tool messages",
      [null, 'messages'],
    ],
    [
      { response_format: { type: 'json_schema', json_schema: strict } },
      "Invalid schema for response_format 'answer': In context=(), 'additionalProperties' is required",
      [null, 'response_format'],
    ],
    [
      { tool_choice: { type: 'function', function: { name: 'x' } } },
      "Tool 'x' not found",
      ['invalid_value', 'tool_choice'],
    ],
    [
      { model: 'gpt-4.1', reasoning_effort: 'low' },
      'Unrecognized request argument supplied: reasoning_effort',
      [null, null],
    ],
    [{ n: 2 }, 'not simulated', ['not_simulated', 'n']],
  ])('%j is refused as the vendor does', async (change, message, [code, param]) => {
    const { client, simulator } = await open(says('Hello.'));
    const refused = client.chat.completions.create({ ...hello, ...change } as typeof hello);
    await expect(refused).rejects.toThrow(OpenAI.BadRequestError);
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining(message),
      code,
      param,
      type: 'invalid_request_error',
    });
    expect(simulator.accounts()).toMatchObject({ total: { costMicroUsd: 0 } });
  });

  it('of a model that does not exist is not found', async () => {
    const { client } = await open(says('Hello.'));
    const refused = client.chat.completions.create({ ...hello, model: 'anthropic/claude' });
    await expect(refused).rejects.toThrow(OpenAI.NotFoundError);
    await expect(refused).rejects.toMatchObject({ code: 'model_not_found' });
  });

  it('without a valid key is not let in, and the key is never repeated', async () => {
    const { client } = await open({ ...says('Hello.'), keys: ['sk-right'] });
    const refused = client.chat.completions.create(hello);
    await expect(refused).rejects.toThrow(OpenAI.AuthenticationError);
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_api_key',
      message: expect.not.stringContaining('sk-test'),
    });
  });
});

describe('a failing provider', () => {
  it.each([
    ['rate-limited', 429, 'rate_limit_exceeded'],
    ['quota-exhausted', 429, 'insufficient_quota'],
    ['overloaded', 503, 'server_is_overloaded'],
    ['server-error', 500, null],
    ['context-overflow', 400, 'context_length_exceeded'],
  ])('says %s in the vendor’s words', async (fault, status, code) => {
    const { client } = await open({ ...says('Hello.'), faults: [{ fault, at: [1] }] });
    await expect(client.chat.completions.create(hello)).rejects.toMatchObject({ status, code });
    expect((await client.chat.completions.create(hello)).choices[0]?.message.content).toBe('Hello.');
  });

  it('is asked again after the time it says', async () => {
    const faults = [{ fault: 'rate-limited', at: [1], retryAfterS: 0 }];
    const { client } = await open({ ...says('Hello.'), limits: { requestsPerMinute: 50 }, faults });
    const { response } = await client.chat.completions.create(hello, { maxRetries: 1 }).withResponse();
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('50');
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('49');
    expect(response.headers.get('x-ratelimit-reset-requests')).toBe('1.2s');
  });

  it('breaks down in the middle of a stream with an error of its own', async () => {
    const { client } = await open({
      ...says('One two three four.'),
      faults: [{ fault: 'overloaded-midway', at: [1], through: 0.5 }],
    });
    const run = client.chat.completions.stream(hello).finalChatCompletion();
    await expect(run).rejects.toMatchObject({ code: 'server_is_overloaded' });
  });
});

describe('a model of Ollama on Chat Completions', () => {
  it('needs no key, takes the older limit, shows its thinking and counts no cache', async () => {
    const { simulator } = await open({
      brain: { script: [{ think: 'Hm.', say: 'Hello.' }] },
      keys: ['sk-right'],
    });
    const response = await fetch(`${simulator.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...hello, model: 'qwen3:8b', max_tokens: 50 }),
    });
    const body = (await response.json()) as OpenAI.ChatCompletion;
    expect(body.choices[0]?.message).toMatchObject({ content: 'Hello.', reasoning: 'Hm.' });
    expect(Object.keys(body.usage ?? {})).toEqual(['prompt_tokens', 'completion_tokens', 'total_tokens']);
  });
});
