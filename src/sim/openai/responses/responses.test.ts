import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
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

const model = 'gpt-6-sol';
const models: readonly SimModel[] = [
  { provider: 'openai', name: model, contextTokensMax: 20_000, outputTokensMax: 4000 },
];

async function open(profile: object): Promise<{ client: OpenAI; simulator: Simulator }> {
  const parsed = parseProfile(profile);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const simulator = await openSimulator({
    profile: parsed.value,
    wires: [openaiWire],
    models,
    countTokens: (text) => Math.ceil(text.length / 4),
    clock: { now: () => Date.UTC(2026, 10, 21), sleep: async () => undefined },
    priceOf: () => null,
    cachePrefixTokensMin: () => 100,
  });
  closers.push(simulator.close);
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
  return { client, simulator };
}

const says = (say: string) => ({ brain: { script: [{ say }] } });
const weather = {
  type: 'function' as const,
  name: 'weather',
  description: 'Tells the weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};
const thinksAndCalls = {
  brain: {
    script: [
      {
        think: 'Oslo is a city.',
        say: 'Looking.',
        calls: [{ tool: 'weather', input: { city: 'Oslo' } }],
      },
      { say: 'Snow.' },
    ],
  },
};
const asksWeather = { model, input: 'How is Oslo?', tools: [weather] };

describe('the official client on Responses', () => {
  it('is answered with what was said and what it used', async () => {
    const { client } = await open(says('Hello there.'));
    const response = await client.responses.create({ model, input: 'Say hello.', instructions: 'Be kind.' });
    expect(response.output_text).toBe('Hello there.');
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      instructions: 'Be kind.',
      output: [{ type: 'message', role: 'assistant', status: 'completed' }],
      usage: {
        // Two and three tokens of text, three for the frame of each message.
        input_tokens: 11,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: 3,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 14,
      },
    });
  });

  it('streams the events in the order that the API keeps, numbered from 0', async () => {
    const { client } = await open(thinksAndCalls);
    const reasoning = { effort: 'low' as const, summary: 'auto' as const };
    const types: string[] = [];
    const numbers: number[] = [];
    for await (const event of await client.responses.create({ ...asksWeather, reasoning, stream: true })) {
      if (!event.type.endsWith('.delta') || event.type !== types.at(-1)) types.push(event.type);
      if ('sequence_number' in event) numbers.push(event.sequence_number ?? -1);
    }
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });

  it('puts a streamed response together', async () => {
    const { client } = await open(thinksAndCalls);
    const final = await client.responses.stream(asksWeather).finalResponse();
    expect(final.output).toMatchObject([
      { type: 'reasoning', summary: [] },
      { type: 'message', content: [{ type: 'output_text', text: 'Looking.' }] },
      { type: 'function_call', name: 'weather', arguments: '{"city":"Oslo"}' },
    ]);
    expect(final.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  });

  it('goes on from a stored response, and from items sent back, with the same prompt', async () => {
    const { client } = await open(thinksAndCalls);
    const one = await client.responses.create({ ...asksWeather, include: ['reasoning.encrypted_content'] });
    const call = one.output.find((item) => item.type === 'function_call');
    const result = { type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: 'Snow' };
    const stored = await client.responses.create({
      ...asksWeather,
      previous_response_id: one.id,
      input: [result],
    });
    expect(stored.output_text).toBe('Snow.');
    expect(stored.previous_response_id).toBe(one.id);
    const sent = await client.responses.create({
      ...asksWeather,
      store: false,
      input: [
        { role: 'user', content: 'How is Oslo?' },
        ...(one.output as OpenAI.Responses.ResponseInputItem[]),
        result,
      ],
    });
    expect(sent.usage).toEqual(stored.usage);
    const counted = await client.responses.inputTokens.count({
      model,
      tools: [weather],
      previous_response_id: one.id,
      input: [result],
    });
    expect(counted.input_tokens).toBe(stored.usage?.input_tokens);
    await expect(client.responses.retrieve(sent.id)).rejects.toThrow(OpenAI.NotFoundError);
  });

  it('finds what it stored, until it is deleted', async () => {
    const { client, simulator } = await open(thinksAndCalls);
    const one = await client.responses.create(asksWeather);
    const found = await client.responses.retrieve(one.id);
    expect(found.output).toEqual(one.output);
    expect(JSON.stringify(one)).not.toContain('encrypted_content');
    const stranger = new OpenAI({ apiKey: 'sk-other', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
    await expect(stranger.responses.retrieve(one.id)).rejects.toThrow(OpenAI.NotFoundError);
    await client.responses.delete(one.id);
    await expect(client.responses.retrieve(one.id)).rejects.toThrow(OpenAI.NotFoundError);
  });

  it('parses an answer that was held to a schema', async () => {
    const { client } = await open({});
    const Answer = z.object({ title: z.string(), points: z.array(z.string()) });
    const format = zodTextFormat(Answer, 'answer');
    const { output_parsed } = await client.responses.parse({ model, input: 'Hi.', text: { format } });
    expect(Answer.safeParse(output_parsed).success).toBe(true);
  });

  it('is told that an answer was cut at its limit', async () => {
    const { client } = await open(says('word '.repeat(100)));
    const response = await client.responses.create({ model, input: 'Go.', max_output_tokens: 16 });
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
    const stream = client.responses.stream({ model, input: 'Go.', max_output_tokens: 16 });
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    expect(types.at(-1)).toBe('response.incomplete');
  });

  it('is told a refusal in its own part', async () => {
    const { client } = await open({ faults: [{ fault: 'refusal', at: [1, 2] }] });
    const { output } = await client.responses.create({ model, input: 'Hi.' });
    expect(output).toMatchObject([{ type: 'message', content: [{ type: 'refusal' }] }]);
    const streamed = await client.responses.stream({ model, input: 'Hi.' }).finalResponse();
    expect(streamed.output).toMatchObject([{ type: 'message', content: [{ type: 'refusal' }] }]);
  });
});

describe('the prompt cache of Responses', () => {
  const input = 'A long question. '.repeat(100);

  it('is warmed by a request that asks for nothing else', async () => {
    const { client } = await open(says('Yes.'));
    const warmed = await client.responses.create({
      model,
      input,
      prompt_cache_options: { prewarm: true, ttl: '12h' },
    });
    const written = warmed.usage?.input_tokens ?? 0;
    expect(warmed).toMatchObject({
      status: 'completed',
      output: [],
      usage: {
        output_tokens: 0,
        input_tokens_details: {
          cache_write_tokens: written,
          cache_write_tokens_details: { ttl_30m_tokens: 0, ttl_12h_tokens: written },
        },
      },
    });
    const read = await client.responses.create({ model, input });
    expect(read.usage?.input_tokens_details.cached_tokens).toBe(written);
  });

  it('is lost with another verbosity, and apart for another cache key', async () => {
    const { client } = await open(says('Yes.'));
    await client.responses.create({ model, input });
    for (const change of [{ text: { verbosity: 'low' as const } }, { prompt_cache_key: 'mine' }]) {
      const { usage } = await client.responses.create({ model, input, ...change });
      expect(usage?.input_tokens_details.cached_tokens).toBe(0);
    }
  });
});

describe('a wrong request', () => {
  const output = { type: 'function_call_output', call_id: 'c1', output: 'x' };
  const call = { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' };
  const thought = { type: 'reasoning', id: 'rs_1', summary: [] };
  const strict = { type: 'json_schema', name: 'a', strict: true, schema: { type: 'array' } };

  it.each<[change: object, message: string, names: readonly [code: string | null, param: string | null]]>([
    [{ input: undefined }, "Missing required parameter: 'input'.", ['missing_required_parameter', 'input']],
    [
      { input: [{ type: 'x' }] },
      "Invalid value: 'x'. Supported values are:",
      ['invalid_value', 'input[0].type'],
    ],
    [{ messages: [] }, "Unknown parameter: 'messages'.", ['unknown_parameter', 'messages']],
    [{ max_output_tokens: 5 }, 'Expected a value >= 16', ['integer_below_min_value', 'max_output_tokens']],
    [{ input: [output] }, 'No tool call found for function call output with call_id c1.', [null, 'input']],
    [{ input: [call] }, 'No tool output found for function call c1.', [null, 'input']],
    [{ input: [thought] }, 'without its required following item', [null, 'input']],
    [
      {
        input: [
          { ...thought, encrypted_content: 'x' },
          { role: 'user', content: 'Hi.' },
        ],
      },
      'could not be verified',
      ['invalid_encrypted_content', 'input'],
    ],
    [
      { previous_response_id: 'resp_1' },
      'not found',
      ['previous_response_not_found', 'previous_response_id'],
    ],
    [{ text: { format: strict } }, 'got \'type: "array"\'', ['invalid_json_schema', 'text.format.schema']],
    [{ tools: [{ type: 'web_search' }] }, 'Supported values are', ['invalid_value', 'tools[0].type']],
    [{ background: true }, 'is not simulated', ['not_simulated', 'background']],
  ])('%j is refused as the vendor does', async (change, message, [code, param]) => {
    const { client } = await open(says('Hello.'));
    const refused = client.responses.create({ model, input: 'Hi.', ...change } as { model: string });
    await expect(refused).rejects.toThrow(OpenAI.BadRequestError);
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(message), code, param });
  });
});

describe('a failing provider', () => {
  it('breaks down in the middle of a stream with an error event', async () => {
    const { client } = await open({
      ...says('One two three four.'),
      faults: [{ fault: 'overloaded-midway', at: [1], through: 0.5 }],
    });
    const run = client.responses.stream({ model, input: 'Hi.' }).finalResponse();
    await expect(run).rejects.toMatchObject({ code: 'server_is_overloaded' });
  });

  it('says that a prompt is too long', async () => {
    const { client } = await open(says('Hello.'));
    const refused = client.responses.create({ model, input: 'x'.repeat(100_000) });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      param: 'input',
    });
  });
});
