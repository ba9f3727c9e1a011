import type { ServerResponse } from 'node:http';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV3, LanguageModelV4 } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { answering, type Served, serve, sse, streamingText } from '../../../test/setup/loopback.ts';
import { asking, endOf, user } from '../../../test/setup/model-calls.ts';
import type { Json, Message, ModelEnd, SystemBlock } from '../../core/index.ts';
import { modelContract } from '../testing.ts';
import { type AiSdkOptions, aiSdkModel } from './ai-sdk.ts';
import type { LanguageModel, StreamPart } from './language-model.ts';

type WireEvent = { readonly type: string } & { readonly [key: string]: Json };

const claude = ({ baseUrl }: Served, options?: AiSdkOptions) =>
  aiSdkModel(createAnthropic({ baseURL: baseUrl, apiKey: 'k' })('claude-sonnet-5'), options);

const compatible = ({ baseUrl }: Served) =>
  aiSdkModel(createOpenAICompatible({ name: 'acme', baseURL: baseUrl, includeUsage: true })('big-model'));

const ask = (model: ReturnType<typeof aiSdkModel>, request = asking()) =>
  endOf(model.stream(request, new AbortController().signal));

async function replyOf(model: ReturnType<typeof aiSdkModel>, request = asking()) {
  const { end } = await ask(model, request);
  if (end.type !== 'reply') throw new Error(`expected a reply, got ${JSON.stringify(end)}`);
  return end.reply;
}

function named(events: readonly WireEvent[]): string {
  return events.map((event) => `event: ${event.type}\n${sse([event])}`).join('');
}

function messages(events: readonly WireEvent[]): (response: ServerResponse) => void {
  return streamingText(named(events), { 'request-id': 'req_1' });
}

const start: WireEvent = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: 40,
      cache_read_input_tokens: 1500,
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_5m_input_tokens: 70, ephemeral_1h_input_tokens: 30 },
      output_tokens: 1,
    },
  },
};

function block(index: number, content: Json, deltas: readonly Json[]): readonly WireEvent[] {
  return [
    { type: 'content_block_start', index, content_block: content },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

const text = (...pieces: readonly string[]) =>
  block(
    0,
    { type: 'text', text: '' },
    pieces.map((piece) => ({ type: 'text_delta', text: piece })),
  );

const tool = block(1, { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }, [
  { type: 'input_json_delta', partial_json: '{"path":' },
  { type: 'input_json_delta', partial_json: '"a.md"}' },
]);

const stop = (reason: string): readonly WireEvent[] => [
  {
    type: 'message_delta',
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: 312, output_tokens_details: { thinking_tokens: 120 } },
  },
  { type: 'message_stop' },
];

const delta = (change: Json): Json => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'big-model',
  choices: [{ index: 0, delta: change, finish_reason: null }],
});
const finish = (reason: string): Json => ({
  id: 'chatcmpl-1',
  choices: [{ index: 0, delta: {}, finish_reason: reason }],
});
const used = (usage: Json): Json => ({ id: 'chatcmpl-1', choices: [], usage });

const chunks = (...list: readonly Json[]) => streamingText(`${sse(list)}data: [DONE]\n\n`);

const look = {
  name: 'look',
  purpose: 'Shows a file.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
  effect: 'read' as const,
};

describe('a model of the AI SDK', () => {
  for (const { promise, check } of modelContract) {
    it(promise, () =>
      check(async (situation) => {
        const answers = {
          says: messages([start, ...text('Hello, ', 'world.'), ...stop('end_turn')]),
          calls: messages([start, ...tool, ...stop('tool_use')]),
          fails: answering(500, { type: 'error', error: { type: 'api_error', message: 'Internal' } }),
          hangs: () => undefined,
        };
        return { model: claude(await serve(answers[situation])), close: async () => undefined };
      }),
    );
  }

  it('is any language model of versions 3 and 4, by its shape alone', () => {
    const takes = (model: LanguageModel) => model.specificationVersion;
    const three = (model: LanguageModelV3) => takes(model);
    const four = (model: LanguageModelV4) => takes(model);
    expect([three, four]).toHaveLength(2);
    const { id, contextTokensMax } = aiSdkModel(createAnthropic({ apiKey: 'k' })('claude-sonnet-5'));
    expect([id, contextTokensMax]).toEqual(['anthropic/claude-sonnet-5', 1_000_000]);
  });

  it('returns signed reasoning and what stands beside calls to the provider as it came', async () => {
    const thinking = block(0, { type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking: 'Look first.' },
      { type: 'signature_delta', signature: 'c2lnbmVk' },
    ]);
    const served = await serve(messages([start, ...thinking, ...tool, ...stop('tool_use')]));
    const model = claude(served);
    const { events, end } = await ask(model, asking({ tools: [look] }));
    expect(events).toContainEqual({ type: 'reasoning', text: 'Look first.' });
    if (end.type !== 'reply') throw new Error('expected a reply');
    const results: Message = {
      role: 'user',
      blocks: [{ type: 'tool-result', id: 'toolu_1', text: 'no such file', failed: true }],
    };
    const said: Message = { role: 'assistant', blocks: end.reply.blocks };
    await ask(model, asking({ tools: [look], messages: [user('Hi'), said, results] }));
    const sent = (served.bodies[1]?.['messages'] ?? []) as readonly { content: readonly Json[] }[];
    const [, assistant, answered] = sent;
    expect(assistant?.content).toMatchObject([
      { type: 'thinking', thinking: 'Look first.', signature: 'c2lnbmVk' },
      { type: 'tool_use', id: 'toolu_1', name: 'look', input: { path: 'a.md' } },
    ]);
    expect(answered?.content).toMatchObject([
      { type: 'tool_result', tool_use_id: 'toolu_1', content: 'no such file', is_error: true },
    ]);
  });

  it('sorts usage into buckets that do not overlap', async () => {
    const reply = await replyOf(claude(await serve(messages([start, ...text('x'), ...stop('end_turn')]))));
    expect(reply.requestId).toBe('req_1');
    expect(reply.usage).toEqual({
      inputTokens: 40,
      cacheReadTokens: 1500,
      cacheWrite5mTokens: 70,
      cacheWrite1hTokens: 30,
      outputTokens: 192,
      reasoningTokens: 120,
    });
  });

  it('tells unknown from none: cached tokens a server does not report are said to be unknown', async () => {
    const answer = (usage: Json) => chunks(delta({ content: 'x' }), finish('stop'), used(usage));
    const silent = await serve(answer({ prompt_tokens: 20, completion_tokens: 5 }));
    expect((await replyOf(compatible(silent))).usage).toMatchObject({
      inputTokens: 20,
      cacheReadTokens: 'unknown',
      outputTokens: 5,
    });
    const details = { prompt_tokens_details: { cached_tokens: 0 } };
    const none = await serve(answer({ prompt_tokens: 20, completion_tokens: 5, ...details }));
    expect((await replyOf(compatible(none))).usage).toMatchObject({ inputTokens: 20, cacheReadTokens: 0 });
  });

  it('writes cache marks, images and the limit as the provider wants them', async () => {
    const served = await serve(messages([start, ...text('x'), ...stop('end_turn')]));
    const system: readonly SystemBlock[] = [
      { id: 'memory', stability: 'release', text: 'memory', cacheMark: 'long' },
      { id: 'prompt', stability: 'release', text: 'prompt' },
    ];
    const message: Message = {
      role: 'user',
      blocks: [
        { type: 'text', text: 'See' },
        { type: 'image', mediaType: 'image/png', base64: 'aGk=' },
      ],
      cacheMark: 'short',
    };
    await ask(claude(served), asking({ system, messages: [message] }));
    expect(served.bodies[0]).toMatchObject({
      max_tokens: 64,
      system: [{ text: 'memory', cache_control: { type: 'ephemeral', ttl: '1h' } }, { text: 'prompt' }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image', source: { data: 'aGk=' }, cache_control: { type: 'ephemeral' } },
          ],
        },
      ],
    });
  });

  it('passes on effort, the schema of the reply and settings of the provider', async () => {
    const served = await serve(chunks(delta({ content: '{}' }), finish('stop')));
    const languageModel = createOpenAICompatible({
      name: 'acme',
      baseURL: served.baseUrl,
      supportsStructuredOutputs: true,
    })('big-model');
    const model = aiSdkModel(languageModel, { id: 'acme/x', providerOptions: { acme: { user: 'me' } } });
    const output = { name: 'my answer', schema: { type: 'object' } };
    await ask(model, asking({ effort: 'low', output, tools: [look] }));
    expect(served.bodies[0]).toMatchObject({
      user: 'me',
      reasoning_effort: 'low',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'my_answer', schema: { type: 'object' } },
      },
      tools: [{ function: { name: 'look', description: 'Shows a file.' } }],
    });
    expect((await ask(model, asking({ thinkingTokensMax: 0 }))).end.type).toBe('reply');
    expect(served.bodies[1]).toMatchObject({ reasoning_effort: 'none' });
  });

  it('speaks version 3 as it is: images as they are, effort and budget as settings of the provider', async () => {
    const asked: Parameters<LanguageModel['doStream']>[0][] = [];
    const older = (provider: string): LanguageModel => ({
      specificationVersion: 'v3',
      provider,
      modelId: 'x',
      doStream(options) {
        asked.push(options);
        const parts: readonly StreamPart[] = [
          { type: 'text-delta', id: '1', delta: 'Hi', providerMetadata: { acme: { item: 'i' } } },
          { type: 'finish', finishReason: { unified: 'stop' } },
        ];
        return Promise.resolve({ stream: ReadableStream.from(parts) });
      },
    });
    const image: Message = {
      role: 'user',
      blocks: [{ type: 'image', mediaType: 'image/png', base64: 'aGk=' }],
    };
    const acme = aiSdkModel(older('acme.chat'));
    const { blocks } = await replyOf(acme, asking({ messages: [image], effort: 'low' }));
    expect(asked[0]).toMatchObject({
      prompt: [{ role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: 'aGk=' }] }],
      providerOptions: { acme: { reasoningEffort: 'low' } },
    });
    expect(asked[0]).not.toHaveProperty('reasoning');
    const claude = aiSdkModel(older('anthropic.messages'), { id: 'anthropic/claude-sonnet-4-5' });
    await ask(claude, asking({ thinkingTokensMax: 2000 }));
    expect(asked[1]).toMatchObject({
      maxOutputTokens: 64,
      providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } } },
    });
    await ask(acme, asking({ messages: [user('Hi'), { role: 'assistant', blocks }] }));
    expect(asked[2]?.prompt[1]).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'Hi', providerOptions: { acme: { item: 'i' } } }],
    });
  });

  it.each([
    ['length', 'output-limit'],
    ['content_filter', 'refused'],
    ['stop', 'done'],
  ])('reads the finish reason %s as %s', async (reason, expected) => {
    const served = await serve(chunks(delta({ content: 'x' }), finish(reason)));
    expect((await replyOf(compatible(served))).stop).toBe(expected);
  });

  it('passes on how long to wait', async () => {
    const body = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } };
    const { end } = await ask(claude(await serve(answering(429, body, { 'retry-after': '7' }))));
    expect(end).toMatchObject({ failure: { code: 'rate-limited', retryAfterMs: 7000 } });
  });

  it.each([
    [429, 'rate_limit_error', 'rate-limited'],
    [401, 'authentication_error', 'no-access'],
    [529, 'overloaded_error', 'provider-down'],
    [400, 'invalid_request_error', 'request-rejected'],
  ])('maps %i %s to %s, with how far the limits are used', async (status, type, code) => {
    const body = { type: 'error', error: { type, message: 'Something happened.' } };
    const headers = {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
    };
    const { end } = await ask(claude(await serve(answering(status, body, headers))));
    expect(end).toMatchObject({
      type: 'failed',
      failure: { code },
      limits: { requests: { limit: 50, remaining: 0 } },
    });
  });

  it('says that nobody listens', async () => {
    const served = await serve(() => undefined);
    served.close();
    expect((await ask(claude(served))).end).toMatchObject({ failure: { code: 'provider-down' } });
  });

  it('fails a stream that is cut or breaks off with an error, with an estimate of what it has used', async () => {
    const overloaded: WireEvent = {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Overloaded' },
    };
    const broken = await ask(claude(await serve(messages([start, ...text('four'), overloaded]))));
    expect(broken.end).toMatchObject({
      type: 'failed',
      failure: { code: 'provider-down' },
      estimate: { cacheReadTokens: 'unknown', outputTokens: 1 },
    });
    const torn = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(named([start, ...text('four')]), () => response.destroy());
    });
    expect((await ask(claude(torn))).end).toMatchObject({
      type: 'failed',
      failure: { code: 'provider-down' },
      estimate: { outputTokens: 1 },
    });
  });

  it('hangs up when the caller cancels in the middle', async () => {
    const served = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(named([start, ...text('x').slice(0, 2)]));
    });
    const caller = new AbortController();
    const ends: ModelEnd[] = [];
    for await (const event of claude(served).stream(asking(), caller.signal)) {
      if (event.type === 'text') caller.abort();
      if (event.type === 'end') ends.push(event.end);
    }
    expect(ends).toMatchObject([{ type: 'failed', failure: { code: 'cancelled' } }]);
    await served.hungUp;
  });
});
