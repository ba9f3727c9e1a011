import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { asking, endOf, user } from '../../../test/setup/model-calls.ts';
import type { Json, Message, ModelEnd } from '../../core/index.ts';
import { modelContract } from '../testing.ts';
import type { AdapterOptions } from '../wire/adapter.ts';
import { anthropicModel } from './anthropic.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

interface Served {
  readonly baseUrl: string;
  readonly bodies: { readonly [key: string]: Json }[];
  readonly headers: IncomingMessage['headers'][];
  readonly hungUp: Promise<void>;
}

/** Answers every request with `answer`, and keeps what was asked. */
async function serve(answer: (response: ServerResponse) => void): Promise<Served> {
  const bodies: { readonly [key: string]: Json }[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const gone = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(parts).toString()) as { [key: string]: Json });
      headers.push(request.headers);
      response.on('close', () => gone.resolve());
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    headers,
    hungUp: gone.promise,
  };
}

type WireEvent = { readonly type: string; readonly [key: string]: Json };

function sse(events: readonly WireEvent[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

function streaming(events: readonly WireEvent[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_1' });
    response.end(sse(events));
  };
}

function refusing(
  status: number,
  body: Json,
  headers: Record<string, string> = {},
): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

const startUsage = {
  input_tokens: 40,
  cache_creation_input_tokens: 100,
  cache_read_input_tokens: 1500,
  output_tokens: 1,
};

function start(usage: Json = startUsage): WireEvent {
  return {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage },
  };
}

function block(index: number, content: Json, deltas: readonly Json[]): readonly WireEvent[] {
  return [
    { type: 'content_block_start', index, content_block: content },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function stop(reason: string, usage: Json = { output_tokens: 12 }): readonly WireEvent[] {
  return [
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}

const text = (...pieces: string[]): readonly WireEvent[] =>
  block(
    0,
    { type: 'text', text: '' },
    pieces.map((piece) => ({ type: 'text_delta', text: piece })),
  );

const tool = (...pieces: string[]): readonly WireEvent[] =>
  block(
    1,
    { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
    pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
  );

const model = (baseUrl: string, more: Partial<AdapterOptions> = {}) =>
  anthropicModel({
    model: 'claude-sonnet-5',
    baseUrl,
    apiKey: 'sk-secret',
    retriesMax: 0,
    countTokens: (each) => each.length,
    ...more,
  });

async function ask(served: Served, request = asking(), more: Partial<AdapterOptions> = {}) {
  return endOf(model(served.baseUrl, more).stream(request, new AbortController().signal));
}

async function failureOf(answer: (response: ServerResponse) => void) {
  const { end } = await ask(await serve(answer));
  if (end.type !== 'failed') throw new Error('expected a failure');
  return end;
}

describe('the Anthropic adapter', () => {
  for (const { promise, check } of modelContract) {
    it(promise, () =>
      check(async (situation) => {
        const answers = {
          says: streaming([start(), ...text('Hello, ', 'world.'), ...stop('end_turn')]),
          calls: streaming([start(), ...tool('', '{"path":', '"a.md"}'), ...stop('tool_use')]),
          fails: refusing(500, { type: 'error', error: { type: 'api_error', message: 'Internal' } }),
          hangs: () => undefined,
        };
        return { model: model((await serve(answers[situation])).baseUrl), close: async () => undefined };
      }),
    );
  }

  it('shows text and reasoning as they come, and returns signed reasoning byte for byte in the next request', async () => {
    const thinking = block(0, { type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking: 'Let me ' },
      { type: 'thinking_delta', thinking: 'look.' },
      { type: 'signature_delta', signature: 'c2lnbmVk' },
    ]);
    const redacted = block(2, { type: 'redacted_thinking', data: 'b3BhcXVl' }, []);
    const served = await serve(
      streaming([start(), ...thinking, ...tool('{}'), ...redacted, ...stop('tool_use')]),
    );
    const { events, end } = await ask(served);
    expect(events).toEqual([
      { type: 'reasoning', text: 'Let me ' },
      { type: 'reasoning', text: 'look.' },
    ]);
    if (end.type !== 'reply') throw new Error('expected a reply');
    const results: Message = {
      role: 'user',
      blocks: [{ type: 'tool-result', id: 'toolu_1', text: 'no such file', failed: true }],
    };
    await ask(
      served,
      asking({ messages: [user('Hi'), { role: 'assistant', blocks: end.reply.blocks }, results] }),
    );
    expect(served.bodies[1]?.['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Let me look.', signature: 'c2lnbmVk' },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
          { type: 'redacted_thinking', data: 'b3BhcXVl' },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'no such file', is_error: true }],
      },
    ]);
  });

  it('sorts usage into buckets that do not overlap', async () => {
    const usage = {
      ...startUsage,
      cache_creation: { ephemeral_5m_input_tokens: 70, ephemeral_1h_input_tokens: 30 },
    };
    const told = { output_tokens: 312, output_tokens_details: { thinking_tokens: 120 } };
    const { end } = await ask(
      await serve(streaming([start(usage), ...text('x'), ...stop('end_turn', told)])),
    );
    expect(end).toMatchObject({
      reply: {
        requestId: 'req_1',
        usage: {
          inputTokens: 40,
          cacheReadTokens: 1500,
          cacheWrite5mTokens: 70,
          cacheWrite1hTokens: 30,
          outputTokens: 192,
          reasoningTokens: 120,
        },
      },
    });
  });

  it('says that cached tokens are unknown where a compatible server does not report them', async () => {
    const { end } = await ask(
      await serve(
        streaming([start({ input_tokens: 9, output_tokens: 1 }), ...text('x'), ...stop('end_turn')]),
      ),
    );
    expect(end).toMatchObject({
      reply: { usage: { inputTokens: 9, cacheReadTokens: 'unknown', outputTokens: 12 } },
    });
  });

  it('keeps arguments that are not valid JSON as the raw text', async () => {
    const { end } = await ask(
      await serve(streaming([start(), ...tool('{"path": "a.m'), ...stop('max_tokens')])),
    );
    expect(end).toMatchObject({
      reply: { stop: 'output-limit', blocks: [{ type: 'tool-call', input: '{"path": "a.m' }] },
    });
  });

  it.each([
    ['end_turn', 'done'],
    ['stop_sequence', 'done'],
    ['max_tokens', 'output-limit'],
    ['refusal', 'refused'],
    ['model_context_window_exceeded', 'context-full'],
  ])('reads the stop reason %s as %s', async (reason, expected) => {
    const { end } = await ask(await serve(streaming([start(), ...text('x'), ...stop(reason)])));
    expect(end).toMatchObject({ reply: { stop: expected } });
  });

  it('ignores events, deltas and blocks it does not know', async () => {
    const odd: WireEvent[] = [
      { type: 'ping' },
      { type: 'newly_invented', index: 7 },
      ...block(3, { type: 'hologram' }, [{ type: 'hologram_delta' }]),
    ];
    const { end } = await ask(await serve(streaming([start(), ...odd, ...text('x'), ...stop('end_turn')])));
    expect(end).toMatchObject({ reply: { blocks: [{ type: 'text', text: 'x' }] } });
  });

  it('fails a stream that is cut, with what it has used so far', async () => {
    const failed = await failureOf(streaming([start(), ...text('ten chars.')]));
    expect(failed).toMatchObject({
      failure: { code: 'provider-down' },
      usage: { inputTokens: 40, cacheReadTokens: 1500, outputTokens: 10 },
    });
    const torn = await failureOf((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse([start()]), () => response.destroy());
    });
    expect(torn).toMatchObject({ failure: { code: 'provider-down' }, usage: { inputTokens: 40 } });
  });

  it('fails when an error comes after the answer has begun, with what it has used so far', async () => {
    const overloaded: WireEvent = {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Overloaded' },
    };
    const failed = await failureOf(streaming([start(), ...text('x'), overloaded]));
    expect(failed).toMatchObject({ failure: { code: 'provider-down' }, usage: { inputTokens: 40 } });
  });

  it.each([
    [429, 'rate_limit_error', 'This request would exceed the rate limit', 'rate-limited'],
    [529, 'overloaded_error', 'Overloaded', 'provider-down'],
    [500, 'api_error', 'Internal', 'provider-down'],
    [504, 'timeout_error', 'Timed out', 'timeout'],
    [401, 'authentication_error', 'invalid x-api-key', 'no-access'],
    [403, 'permission_error', 'Not allowed', 'no-access'],
    [402, 'billing_error', 'Credit too low', 'no-access'],
    [
      400,
      'invalid_request_error',
      'You have reached your specified API usage limits. You will regain access on…',
      'no-access',
    ],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context-full'],
    [400, 'invalid_request_error', 'messages: roles must alternate', 'request-rejected'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'request-rejected'],
    [404, 'not_found_error', 'model: claude-sonnet-55', 'unknown-model'],
  ])('maps %i %s "%s" to %s', async (...refusal) => {
    const [status, type, message, code] = refusal;
    const { failure, usage } = await failureOf(refusing(status, { type: 'error', error: { type, message } }));
    expect([failure.code, usage]).toEqual([code, undefined]);
  });

  it('passes on how long to wait, and does not wait for quotas that never pass', async () => {
    const body = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } };
    expect((await failureOf(refusing(429, body, { 'retry-after': '7' }))).failure.retryAfterMs).toBe(7000);
    const spent = { ...body.error, details: { error_code: 'enforced_spend_limit_reached' } };
    expect((await failureOf(refusing(429, { type: 'error', error: spent }))).failure.code).toBe('no-access');
  });

  it('never sleeps through a wait longer than half a minute, though retries are allowed', async () => {
    const body = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } };
    const served = await serve(refusing(429, body, { 'retry-after': '3600' }));
    const { end } = await ask(served, asking(), { retriesMax: 2 });
    expect(end).toMatchObject({ failure: { code: 'rate-limited', retryAfterMs: 3_600_000 } });
    expect(served.bodies).toHaveLength(1);
  });

  it('never repeats a key, but names the variable that holds it', async () => {
    const said = {
      type: 'error',
      error: { type: 'permission_error', message: 'The key sk-secret may not do this' },
    };
    const { failure } = await failureOf(refusing(403, said));
    expect(failure.message).toContain('ANTHROPIC_API_KEY');
    expect(failure.message).not.toContain('sk-secret');
  });

  it('without a key says which variable to set, and sends nothing', async () => {
    const keyless = anthropicModel({ model: 'claude-sonnet-5', countTokens: () => 0 });
    const { end } = await endOf(keyless.stream(asking(), new AbortController().signal));
    expect(end).toMatchObject({
      failure: { code: 'no-access', message: expect.stringContaining('ANTHROPIC_API_KEY') },
    });
  });

  it('says that nobody listens', async () => {
    const served = await serve(() => undefined);
    for (const server of open.splice(0)) server.close();
    const { end } = await ask(served);
    expect(end).toMatchObject({
      failure: { code: 'provider-down', message: expect.stringContaining('127.0.0.1') },
    });
  });

  it('hangs up when the reader leaves early or cancels in the middle', async () => {
    const stalled = (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse([start(), ...text('x')]));
    };
    const left = await serve(stalled);
    for await (const event of model(left.baseUrl).stream(asking(), new AbortController().signal)) {
      if (event.type === 'text') break;
    }
    await left.hungUp;
    const cancelled = await serve(stalled);
    const caller = new AbortController();
    const ends: ModelEnd[] = [];
    for await (const event of model(cancelled.baseUrl).stream(asking(), caller.signal)) {
      if (event.type === 'text') caller.abort();
      if (event.type === 'end') ends.push(event.end);
    }
    expect(ends).toMatchObject([
      { type: 'failed', failure: { code: 'cancelled' }, usage: { inputTokens: 40 } },
    ]);
    await cancelled.hungUp;
  });
});
