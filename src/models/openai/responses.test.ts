import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { answering, type Served, serve, sse, streamingText } from '../../../test/setup/loopback.ts';
import { asking, endOf, user } from '../../../test/setup/model-calls.ts';
import type { Json, Message, ModelEnd } from '../../core/index.ts';
import { modelContract } from '../testing.ts';
import type { OpenaiOptions } from './client.ts';
import { responsesModel } from './responses.ts';

type WireObject = { readonly [key: string]: Json };

const usage = {
  input_tokens: 2006,
  input_tokens_details: {
    cached_tokens: 1500,
    cache_write_tokens: 500,
    cache_write_tokens_details: { ttl_30m_tokens: 400, ttl_12h_tokens: 100 },
  },
  output_tokens: 300,
  output_tokens_details: { reasoning_tokens: 128 },
  total_tokens: 2306,
};

const created: Json = {
  type: 'response.created',
  response: { id: 'resp_1', status: 'in_progress', output: [] },
};

/** A message item, told piece by piece. */
function message(index: number, pieces: readonly string[], more: WireObject = {}): readonly Json[] {
  const text = pieces.join('');
  const item = { type: 'message', id: `msg_${index}`, role: 'assistant', ...more };
  return [
    { type: 'response.output_item.added', output_index: index, item: { ...item, content: [] } },
    ...pieces.map((delta) => ({ type: 'response.output_text.delta', output_index: index, delta })),
    {
      type: 'response.output_item.done',
      output_index: index,
      item: { ...item, content: [{ type: 'output_text', text, annotations: [] }] },
    },
  ];
}

function call(index: number, pieces: readonly string[]): readonly Json[] {
  const item = { type: 'function_call', id: `fc_${index}`, call_id: `call_${index}`, name: 'look' };
  return [
    { type: 'response.output_item.added', output_index: index, item: { ...item, arguments: '' } },
    ...pieces.map((delta) => ({
      type: 'response.function_call_arguments.delta',
      output_index: index,
      delta,
    })),
    { type: 'response.output_item.done', output_index: index, item: { ...item, arguments: pieces.join('') } },
  ];
}

function ending(status: string, more: WireObject = {}): Json {
  return { type: `response.${status}`, response: { id: 'resp_1', status, output: [], usage, ...more } };
}

const thought = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text: 'Look first.' }],
  encrypted_content: 'c2VhbGVk',
};

const thinking: readonly Json[] = [
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...thought, encrypted_content: 'cGFydA==' },
  },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'Look ' },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'first.' },
  { type: 'response.output_item.done', output_index: 0, item: thought },
];

function streaming(events: readonly Json[]): (response: ServerResponse) => void {
  return streamingText(sse(events), { 'x-request-id': 'req_1' });
}

const model = (baseUrl: string, more: Partial<OpenaiOptions> = {}) =>
  responsesModel({
    provider: 'openai',
    model: 'gpt-6-sol',
    baseUrl,
    apiKey: 'sk-secret',
    countTokens: (each) => each.length,
    ...more,
  });

async function ask(served: Served, request = asking(), more: Partial<OpenaiOptions> = {}) {
  return endOf(model(served.baseUrl, more).stream(request, new AbortController().signal));
}

async function replyTo(events: readonly Json[]) {
  const { end } = await ask(await serve(streaming(events)));
  if (end.type !== 'reply') throw new Error(`expected a reply, got ${JSON.stringify(end)}`);
  return end.reply;
}

async function failureOf(answer: (response: ServerResponse) => void) {
  const { end } = await ask(await serve(answer));
  if (end.type !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(end)}`);
  return end;
}

describe('the Responses adapter', () => {
  for (const { promise, check } of modelContract) {
    it(promise, () =>
      check(async (situation) => {
        const answers = {
          says: streaming([created, ...message(0, ['Hello, ', 'world.']), ending('completed')]),
          calls: streaming([created, ...call(0, ['{"path":', '"a.md"}']), ending('completed')]),
          fails: answering(500, { error: { message: 'Internal', type: 'server_error' } }),
          hangs: () => undefined,
        };
        return { model: model((await serve(answers[situation])).baseUrl), close: async () => undefined };
      }),
    );
  }

  it('returns what it thought byte for byte, in its place before the call it led to', async () => {
    const served = await serve(
      streaming([
        created,
        ...thinking,
        ...message(1, ['Looking.'], { phase: 'commentary' }),
        ...call(2, ['{"path":"a.md"}']),
        ending('completed'),
      ]),
    );
    const { events, end } = await ask(served);
    expect(events.map(({ type }) => type)).toEqual(['begun', 'reasoning', 'text']);
    if (end.type !== 'reply') throw new Error('expected a reply');
    const results: Message = {
      role: 'user',
      blocks: [{ type: 'tool-result', id: 'call_2', text: 'no such file', failed: true }],
    };
    const said: Message = { role: 'assistant', blocks: end.reply.blocks };
    await ask(served, asking({ messages: [user('Hi'), said, results] }));
    expect(served.bodies[1]?.['input']).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      thought,
      { type: 'message', role: 'assistant', content: 'Looking.', phase: 'commentary' },
      { type: 'function_call', call_id: 'call_2', name: 'look', arguments: '{"path":"a.md"}' },
      {
        type: 'function_call_output',
        call_id: 'call_2',
        output: [{ type: 'input_text', text: 'Error: no such file' }],
      },
    ]);
    await ask(served, asking({ messages: [user('Hi'), said, results] }), { provider: 'azure' });
    expect(JSON.stringify(served.bodies[2])).not.toContain('c2VhbGVk');
  });

  it('sorts usage into buckets that do not overlap, the longer cache life apart', async () => {
    const { usage: used, requestId } = await replyTo([created, ...message(0, ['x']), ending('completed')]);
    expect(requestId).toBe('req_1');
    expect(used).toEqual({
      inputTokens: 6,
      cacheReadTokens: 1500,
      cacheWrite5mTokens: 400,
      cacheWrite1hTokens: 100,
      outputTokens: 172,
      reasoningTokens: 128,
    });
  });

  it('says that cached tokens are unknown where a compatible server does not report them', async () => {
    const told = { usage: { input_tokens: 9, output_tokens: 2 } };
    const reply = await replyTo([created, ...message(0, ['x']), ending('completed', told)]);
    expect(reply.usage).toMatchObject({ inputTokens: 9, cacheReadTokens: 'unknown', outputTokens: 2 });
    const silent = await replyTo([created, ...message(0, ['four']), ending('completed', { usage: null })]);
    expect(silent.usage).toMatchObject({ cacheReadTokens: 'unknown', outputTokens: 4 });
  });

  it.each([
    ['max_output_tokens', 'output-limit'],
    ['content_filter', 'refused'],
    ['max_messages', 'output-limit'],
  ])('reads an answer left incomplete for %s as %s', async (reason, expected) => {
    const last = ending('incomplete', { incomplete_details: { reason } });
    const reply = await replyTo([created, ...message(0, ['x']), last]);
    expect([reply.stop, reply.blocks]).toEqual([expected, [{ type: 'text', text: 'x' }]]);
  });

  it('knows a refusal by its part', async () => {
    const refusal = [{ type: 'refusal', refusal: 'I cannot.' }];
    const reply = await replyTo([
      created,
      { type: 'response.output_item.added', output_index: 0, item: { type: 'message', content: [] } },
      { type: 'response.refusal.delta', output_index: 0, delta: 'I cannot.' },
      { type: 'response.output_item.done', output_index: 0, item: { type: 'message', content: refusal } },
      ending('completed'),
    ]);
    expect(reply).toMatchObject({ stop: 'refused', blocks: [{ type: 'text', text: 'I cannot.' }] });
  });

  it('shows what a server tells only in the end, and ignores what it does not know', async () => {
    const item = { type: 'message', content: [{ type: 'output_text', text: 'Hello.' }] };
    const odd = { type: 'response.hologram.delta', output_index: 9, delta: 'x' };
    const late = await serve(streaming([created, odd, ending('completed', { output: [item] })]));
    const { events, end } = await ask(late);
    expect(events).toEqual([{ type: 'begun' }, { type: 'text', text: 'Hello.' }]);
    expect(end).toMatchObject({ reply: { blocks: [{ type: 'text', text: 'Hello.' }], stop: 'done' } });
  });

  it('keeps arguments that are not valid JSON as the raw text', async () => {
    const last = ending('incomplete', { incomplete_details: { reason: 'max_output_tokens' } });
    const reply = await replyTo([created, ...call(0, ['{"pa']), last]);
    expect(reply).toMatchObject({ stop: 'output-limit', blocks: [{ type: 'tool-call', input: '{"pa' }] });
  });

  it('tells a call that was cut before its arguments from one that has none', async () => {
    const inputs = async (status: string) =>
      (await replyTo([created, ...call(0, []), ending(status)])).blocks.flatMap((each) =>
        each.type === 'tool-call' ? [each.input] : [],
      );
    expect([await inputs('incomplete'), await inputs('completed')]).toEqual([[''], [{}]]);
  });

  it('keeps no reasoning that only refers to what the server did not keep', async () => {
    const { encrypted_content: _, ...bare } = thought;
    const done = { type: 'response.output_item.done', output_index: 0, item: bare };
    const { blocks } = await replyTo([created, done, ...call(1, ['{}']), ending('completed')]);
    expect(blocks).toMatchObject([{ type: 'tool-call' }]);
  });

  it('reads an answer that comes all at once', async () => {
    const item = { type: 'message', content: [{ type: 'output_text', text: 'Hello.' }] };
    const served = await serve(
      answering(200, {
        id: 'resp_1',
        object: 'response',
        status: 'completed',
        output: [thought, item],
        usage,
      }),
    );
    const { events, end } = await ask(served, asking(), { streaming: false });
    expect(events).toEqual([{ type: 'begun' }, { type: 'text', text: 'Hello.' }]);
    expect(end).toMatchObject({ reply: { stop: 'done', usage: { inputTokens: 6 } } });
    expect(served.bodies[0]).toMatchObject({ stream: false });
  });

  it.each([
    ['rate_limit_exceeded', 'rate-limited'],
    ['server_error', 'provider-down'],
    ['vector_store_timeout', 'timeout'],
    ['invalid_prompt', 'request-rejected'],
    ['image_too_large', 'request-rejected'],
    ['bio_policy', 'refused'],
  ])('maps a response that failed with %s to %s, with what it reported', async (code, expected) => {
    const error = { code, message: 'Something happened.' };
    const failed = await failureOf(streaming([created, ending('failed', { error })]));
    expect(failed).toMatchObject({ failure: { code: expected }, usage: { inputTokens: 6 } });
    expect(failed.failure.message).toContain('Something happened.');
  });

  it.each(['failed', 'cancelled'])('fails a response that was %s without a reason', async (status) => {
    const { failure } = await failureOf(streaming([created, ...message(0, ['x']), ending(status)]));
    expect(failure).toMatchObject({ code: 'provider-down', message: expect.stringContaining(status) });
  });

  it('fails a stream that is cut or breaks off with an error, with an estimate of what it has used', async () => {
    const [added, delta] = message(0, ['four']);
    const begun = [created, added ?? null, delta ?? null];
    const cut = await failureOf(streaming(begun));
    expect(cut).toMatchObject({
      failure: { code: 'provider-down' },
      estimate: { outputTokens: 4, cacheReadTokens: 'unknown' },
    });
    const error = { type: 'error', code: 'rate_limit_exceeded', message: 'Slow down.', param: null };
    const broken = await failureOf(streamingText(`${sse(begun)}event: error\n${sse([error])}`));
    expect(broken).toMatchObject({ failure: { code: 'rate-limited' }, estimate: { outputTokens: 4 } });
  });

  it('advises the older wire where a server has no Responses API', async () => {
    const { failure } = await failureOf(answering(404, '404 page not found'));
    expect(failure).toMatchObject({
      code: 'wrong-config',
      message: expect.stringContaining('write openai-chat/gpt-6-sol instead'),
    });
    const unknown = { error: { message: 'The model `x` does not exist', code: 'model_not_found' } };
    expect((await failureOf(answering(404, unknown))).failure.code).toBe('unknown-model');
  });

  it('asks the provider how long a request is', async () => {
    const served = await serve(answering(200, { object: 'response.input_tokens', input_tokens: 42 }));
    const asked = asking({ thinkingTokensMax: 0 });
    const counted = await model(served.baseUrl).countTokens?.(asked, new AbortController().signal);
    expect(counted).toEqual({ ok: true, value: 42 });
    expect(served.paths).toEqual(['/v1/responses/input_tokens']);
    expect(Object.keys(served.bodies[0] ?? {})).toEqual(['model', 'input', 'reasoning']);
    const refused = await serve(answering(401, { error: { message: 'No.' } }));
    const failed = await model(refused.baseUrl).countTokens?.(asking(), new AbortController().signal);
    expect(failed).toMatchObject({ ok: false, failure: { code: 'no-access' } });
  });

  it('keeps its connection for the next call', async () => {
    const served = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse([created, ...message(0, ['x']), ending('completed')]), () =>
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
      response.write(sse([created, ...message(0, ['x']).slice(0, 2)]));
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
