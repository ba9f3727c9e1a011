import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  answering as refusing,
  type Served,
  serve,
  sse,
  streamingText,
} from '../../../test/setup/loopback.ts';
import { asking, endOf, user } from '../../../test/setup/model-calls.ts';
import type { Json, ModelEnd } from '../../core/index.ts';
import { modelContract } from '../testing.ts';
import { chatModel } from './chat.ts';
import type { OpenaiOptions } from './client.ts';

function streaming(chunks: readonly Json[], last = 'data: [DONE]\n\n'): (response: ServerResponse) => void {
  return streamingText(sse(chunks) + last, { 'x-request-id': 'req_1' });
}

const delta = (change: Json): Json => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: change, finish_reason: null }],
});
const says = (...pieces: string[]): readonly Json[] => pieces.map((content) => delta({ content }));
const stop = (reason: string): Json => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const usage = (told: Json): Json => ({ choices: [], usage: told });
const plainUsage = usage({ prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 });

function calls(...pieces: Json[]): readonly Json[] {
  return pieces.map((piece) => delta({ tool_calls: [piece] }));
}

const model = (baseUrl: string, more: Partial<OpenaiOptions> = {}) =>
  chatModel({
    provider: 'openai-chat',
    model: 'gpt-6-sol',
    baseUrl,
    apiKey: 'sk-secret',
    countTokens: (each) => each.length,
    ...more,
  });

async function ask(served: Served, request = asking(), more: Partial<OpenaiOptions> = {}) {
  return endOf(model(served.baseUrl, more).stream(request, new AbortController().signal));
}

async function replyTo(chunks: readonly Json[], more: Partial<OpenaiOptions> = {}) {
  const { end } = await ask(await serve(streaming(chunks)), asking(), more);
  if (end.type !== 'reply') throw new Error(`expected a reply, got ${JSON.stringify(end)}`);
  return end.reply;
}

async function failureOf(answer: (response: ServerResponse) => void, more: Partial<OpenaiOptions> = {}) {
  const { end } = await ask(await serve(answer), asking(), more);
  if (end.type !== 'failed') throw new Error('expected a failure');
  return end;
}

describe('the Chat Completions adapter', () => {
  for (const { promise, check } of modelContract) {
    it(promise, () =>
      check(async (situation) => {
        const answers = {
          says: streaming([...says('Hello, ', 'world.'), stop('stop'), plainUsage]),
          calls: streaming([
            ...calls({ index: 0, id: 'c1', function: { name: 'look', arguments: '{"path":"a.md"}' } }),
            stop('tool_calls'),
            plainUsage,
          ]),
          fails: refusing(500, { error: { message: 'Internal', type: 'server_error' } }),
          hangs: () => undefined,
        };
        return { model: model((await serve(answers[situation])).baseUrl), close: async () => undefined };
      }),
    );
  }

  it('puts tool calls together from their pieces, however a server cuts and numbers them', async () => {
    const parallel = calls(
      { index: 0, id: 'c1', type: 'function', function: { name: 'look', arguments: '' } },
      { index: 0, function: { arguments: '{"path":' } },
      { index: 1, id: 'c2', function: { name: 'find', arguments: '{}' } },
      { index: 0, function: { arguments: '"a.md"}' } },
    );
    const sameIndex = calls(
      { index: 0, id: 'c1', function: { name: 'look', arguments: '{"path":"a.md"}' } },
      { index: 0, id: 'c2', function: { name: 'find', arguments: '{}' } },
    );
    const noIndex = calls(
      { id: 'c1', function: { name: 'look', arguments: { path: 'a.md' } } },
      { id: 'c2', function: { name: 'find' } },
    );
    for (const pieces of [parallel, sameIndex, noIndex]) {
      const { blocks, stop: reason } = await replyTo([...pieces, stop('stop'), plainUsage]);
      expect(blocks).toEqual([
        { type: 'tool-call', id: 'c1', name: 'look', input: { path: 'a.md' } },
        { type: 'tool-call', id: 'c2', name: 'find', input: {} },
      ]);
      expect(reason).toBe('tool-calls');
    }
  });

  it('names calls that come without an id, and keeps arguments that are no JSON', async () => {
    const pieces = calls(
      { index: 0, function: { name: 'look', arguments: '{"pa' } },
      { index: 1, id: '', function: { name: 'look' } },
    );
    expect((await replyTo([...pieces, stop('length'), plainUsage])).blocks).toEqual([
      { type: 'tool-call', id: 'call-1-0', name: 'look', input: '{"pa' },
      { type: 'tool-call', id: 'call-1-1', name: 'look', input: '' },
    ]);
  });

  it.each([
    ['stop', 'done'],
    ['length', 'output-limit'],
    ['content_filter', 'refused'],
  ])('reads the finish reason %s as %s', async (reason, expected) => {
    expect((await replyTo([...says('x'), stop(reason), plainUsage])).stop).toBe(expected);
  });

  it('knows a refusal by its own field', async () => {
    const reply = await replyTo([delta({ refusal: 'I cannot.' }), stop('stop'), plainUsage]);
    expect(reply).toMatchObject({ stop: 'refused', blocks: [{ type: 'text', text: 'I cannot.' }] });
  });

  it.each<[string, Json, object]>([
    [
      'cached and written tokens stand inside the prompt',
      {
        prompt_tokens: 2006,
        completion_tokens: 300,
        total_tokens: 2306,
        prompt_tokens_details: { cached_tokens: 1900, cache_write_tokens: 100 },
        completion_tokens_details: { reasoning_tokens: 128 },
      },
      {
        inputTokens: 6,
        cacheReadTokens: 1900,
        cacheWrite5mTokens: 100,
        outputTokens: 172,
        reasoningTokens: 128,
      },
    ],
    [
      'none cached is not unknown',
      { prompt_tokens: 20, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 0 } },
      { inputTokens: 20, cacheReadTokens: 0, outputTokens: 5 },
    ],
    [
      'what is not reported is unknown',
      { prompt_tokens: 20, completion_tokens: 5 },
      { inputTokens: 20, cacheReadTokens: 'unknown' },
    ],
    [
      'reasoning that only the total knows is counted too',
      { prompt_tokens: 20, completion_tokens: 5, total_tokens: 65 },
      { inputTokens: 20, outputTokens: 5, reasoningTokens: 40 },
    ],
    [
      'DeepSeek names its hits differently',
      { prompt_tokens: 100, completion_tokens: 5, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 },
      { inputTokens: 36, cacheReadTokens: 64 },
    ],
  ])('sorts usage into buckets that do not overlap: %s', async (_, told, expected) => {
    expect((await replyTo([...says('x'), stop('stop'), usage(told)])).usage).toMatchObject(expected);
  });

  it('estimates usage where a server reports none, and says that cached tokens are unknown', async () => {
    expect((await replyTo([...says('four'), stop('stop')])).usage).toMatchObject({
      cacheReadTokens: 'unknown',
      outputTokens: 4,
    });
  });

  it('shows reasoning and returns it, under the name it came by, with the calls it led to', async () => {
    const thinking = [delta({ reasoning: 'Look ' }), delta({ reasoning: 'first.' })];
    const call = calls({ index: 0, id: 'c1', function: { name: 'look', arguments: '{}' } });
    const served = await serve(streaming([...thinking, ...call, stop('tool_calls'), plainUsage]));
    const { events, end } = await ask(served, asking(), { provider: 'ollama' });
    expect(events.map((event) => event.type)).toEqual(['begun', 'reasoning']);
    if (end.type !== 'reply') throw new Error('expected a reply');
    const next = asking({ messages: [user('Hi'), { role: 'assistant', blocks: end.reply.blocks }] });
    const tool_calls = [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }];
    await ask(served, next, { provider: 'ollama' });
    expect(served.bodies[1]?.['messages']).toMatchObject([
      {},
      { role: 'assistant', content: null, reasoning: 'Look first.', tool_calls },
    ]);
    await ask(served, next, { provider: 'openai-chat' });
    expect(served.bodies[2]?.['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: null, tool_calls },
    ]);
  });

  it('returns signatures: whole reasoning blocks, and those that belong to single calls', async () => {
    const details = (piece: Json) => delta({ reasoning_details: [piece] });
    const chunks = [
      details({ type: 'reasoning.text', index: 0, text: 'Look ', signature: null }),
      details({ type: 'reasoning.text', index: 0, text: 'first.', signature: 'c2ln' }),
      ...calls({
        index: 0,
        id: 'c1',
        function: { name: 'look', arguments: '{}' },
        extra_content: { google: { thought_signature: 'dGg=' } },
      }),
    ];
    const served = await serve(streaming([...chunks, stop('tool_calls'), plainUsage]));
    const { end } = await ask(served);
    if (end.type !== 'reply') throw new Error('expected a reply');
    await ask(served, asking({ messages: [user('Hi'), { role: 'assistant', blocks: end.reply.blocks }] }));
    expect(served.bodies[1]?.['messages']).toMatchObject([
      {},
      {
        reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'Look first.', signature: 'c2ln' }],
        tool_calls: [{ id: 'c1', extra_content: { google: { thought_signature: 'dGg=' } } }],
      },
    ]);
  });

  it('fails a stream that is cut or breaks off with an error, with an estimate of what it has used', async () => {
    const cut = await failureOf(streaming(says('four'), ''));
    expect(cut).toMatchObject({
      failure: { code: 'provider-down' },
      estimate: { outputTokens: 4, cacheReadTokens: 'unknown' },
    });
    const broken = await failureOf(
      streaming([...says('four'), { error: { code: 502, message: 'Upstream died' } }]),
    );
    expect(broken).toMatchObject({ failure: { code: 'provider-down' }, estimate: { outputTokens: 4 } });
    const garbled = await failureOf(streaming(says('four'), 'data: {"choi\n\n'));
    expect(garbled.failure).toMatchObject({
      code: 'provider-down',
      message: expect.stringContaining('in the middle'),
    });
    const words = await failureOf(
      streaming([...says('four'), { error: 'model runner has unexpectedly stopped' }]),
    );
    expect(words.failure).toMatchObject({
      code: 'provider-down',
      message: expect.stringContaining('unexpectedly stopped'),
    });
  });

  it.each<[number, Json, string]>([
    [429, { error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    [429, { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } }, 'no-access'],
    [429, { error: { message: 'Your account is not active', code: 'billing_not_active' } }, 'no-access'],
    [400, { error: { message: 'Hard limit', code: 'billing_hard_limit_reached' } }, 'no-access'],
    [
      429,
      {
        error: {
          message: 'Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 49685.',
          code: 'rate_limit_exceeded',
        },
      },
      'context-full',
    ],
    [402, { error: { message: 'Insufficient credits', code: 402 } }, 'no-access'],
    [
      401,
      { error: { message: 'Incorrect API key provided: sk-secret', code: 'invalid_api_key' } },
      'no-access',
    ],
    [400, { error: { message: 'Too long', code: 'context_length_exceeded' } }, 'context-full'],
    [
      400,
      {
        error: {
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
        },
      },
      'context-full',
    ],
    [400, { error: { message: 'acme/x is not a valid model ID', code: 400 } }, 'unknown-model'],
    [404, { error: { message: 'The model `x` does not exist', code: 'model_not_found' } }, 'unknown-model'],
    [404, '404 page not found', 'wrong-config'],
    [422, { detail: 'messages.0.role: wrong' }, 'request-rejected'],
    [
      400,
      [{ error: { code: 400, message: 'Invalid value at tools', status: 'INVALID_ARGUMENT' } }],
      'request-rejected',
    ],
    [503, { error: { message: 'overloaded', type: 'service_unavailable_error' } }, 'provider-down'],
    [503, { error: 'server busy, please try again.  maximum pending requests exceeded' }, 'provider-down'],
  ])('maps %i %j to %s', async (status, body, code) => {
    const { failure } = await failureOf(refusing(status, body));
    expect(failure.code).toBe(code);
    expect(failure.message).not.toContain('sk-secret');
  });

  it('says in the server’s words what is wrong, whatever shape they come in', async () => {
    const said = async (body: Json) => (await failureOf(refusing(400, body))).failure.message;
    expect(await said({ detail: 'no role' })).toContain('no role');
    expect(await said([{ error: { message: 'no role' } }])).toContain('no role');
    expect(await said({ error: 'no role' })).toContain('no role');
    const pull = await failureOf(refusing(404, { error: { message: 'model "qwen3:8b" not found' } }), {
      provider: 'ollama',
      model: 'qwen3:8b',
    });
    expect(pull.failure).toMatchObject({
      code: 'unknown-model',
      message: expect.stringContaining('ollama pull qwen3:8b'),
    });
  });

  it('says that it has begun, and how far the rate limits are used, with the first chunk', async () => {
    const served = await serve(
      streamingText(sse([...says('x'), stop('stop'), plainUsage]), {
        'x-ratelimit-limit-requests': '500',
        'x-ratelimit-remaining-requests': '499',
        'x-ratelimit-reset-requests': '120ms',
      }),
    );
    const { events } = await ask(served);
    expect(events[0]).toEqual({
      type: 'begun',
      limits: { requests: { limit: 500, remaining: 499, resetMs: 120 } },
    });
  });

  it('reads an answer that comes all at once', async () => {
    const served = await serve(
      refusing(200, {
        id: 'chatcmpl-1',
        choices: [
          {
            message: {
              role: 'assistant',
              content: 'Looking.',
              tool_calls: [
                { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"path":"a.md"}' } },
                { type: 'function', function: { name: 'find', arguments: {} } },
              ],
            },
            finish_reason: 'tool_calls',
          },
        ],
        usage: { prompt_tokens: 20, completion_tokens: 5 },
      }),
    );
    const { events, end } = await ask(served, asking(), { streaming: false });
    expect(events).toEqual([{ type: 'begun' }, { type: 'text', text: 'Looking.' }]);
    expect(end).toMatchObject({
      reply: {
        stop: 'tool-calls',
        blocks: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool-call', id: 'c1', name: 'look', input: { path: 'a.md' } },
          { type: 'tool-call', name: 'find', input: {} },
        ],
        usage: { inputTokens: 20, outputTokens: 5 },
      },
    });
    expect(served.bodies[0]).toMatchObject({ stream: false });
    expect(served.bodies[0]).not.toHaveProperty('stream_options');
  });

  it('keeps its connection for the next call', async () => {
    const served = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`${sse([...says('x'), stop('stop'), plainUsage])}data: [DONE]\n\n`, () =>
        setImmediate(() => response.end()),
      );
    });
    const one = model(served.baseUrl);
    for (const _ of [1, 2, 3, 4, 5, 6]) await endOf(one.stream(asking(), new AbortController().signal));
    // Two, because the next call may begin before the last byte of the one before has come.
    expect(served.connections()).toBeLessThanOrEqual(2);
  });

  it('hangs up when the caller cancels in the middle', async () => {
    const served = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse(says('x')));
    });
    const caller = new AbortController();
    const ends: ModelEnd[] = [];
    for await (const event of model(served.baseUrl).stream(asking(), caller.signal)) {
      if (event.type === 'text') caller.abort();
      if (event.type === 'end') ends.push(event.end);
    }
    expect(ends).toMatchObject([
      { type: 'failed', failure: { code: 'cancelled' }, estimate: { outputTokens: 1 } },
    ]);
    await served.hungUp;
  });
});
