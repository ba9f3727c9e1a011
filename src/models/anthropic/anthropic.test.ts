import { describe, expect, it } from 'vitest';
import {
  ask,
  block,
  failureOf,
  model,
  sse,
  start,
  startUsage,
  stop,
  streaming,
  text,
  tool,
  type WireEvent,
} from '../../../test/setup/anthropic-server.ts';
import { answering, serve } from '../../../test/setup/loopback.ts';
import { asking, endOf, user } from '../../../test/setup/model-calls.ts';
import type { Message } from '../../core/index.ts';
import { modelContract } from '../testing.ts';

describe('the Anthropic adapter', () => {
  for (const { promise, check } of modelContract) {
    it(promise, () =>
      check(async (situation) => {
        const answers = {
          says: streaming([start(), ...text('Hello, ', 'world.'), ...stop('end_turn')]),
          calls: streaming([start(), ...tool('', '{"path":', '"a.md"}'), ...stop('tool_use')]),
          fails: answering(500, { type: 'error', error: { type: 'api_error', message: 'Internal' } }),
          hangs: () => undefined,
        };
        return { model: model((await serve(answers[situation])).origin), close: async () => undefined };
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
    const said = block(3, { type: 'text', text: '' }, [{ type: 'text_delta', text: 'Wait.' }]);
    const served = await serve(
      streaming([start(), ...thinking, ...tool('{}'), ...redacted, ...said, ...stop('tool_use')]),
    );
    const { events, end } = await ask(served);
    expect(events).toEqual([
      { type: 'begun' },
      { type: 'reasoning', text: 'Let me look.' },
      { type: 'text', text: 'Wait.' },
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
          { type: 'text', text: 'Wait.' },
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

  it('begins every answer with what the provider said of its rate limits', async () => {
    const limits = {
      'anthropic-ratelimit-requests-limit': '1000',
      'anthropic-ratelimit-requests-remaining': '999',
      'anthropic-ratelimit-requests-reset': '2026-11-10T12:00:06Z',
      date: 'Tue, 10 Nov 2026 12:00:00 GMT',
    };
    const served = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', ...limits });
      response.end(sse([start(), ...text('x'), ...stop('end_turn')]));
    });
    const requests = { limit: 1000, remaining: 999, resetMs: 6000 };
    expect((await ask(served)).events[0]).toEqual({ type: 'begun', limits: { requests } });
    const body = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } };
    const failed = await failureOf(answering(429, body, { ...limits, 'retry-after': '6' }));
    expect(failed).toMatchObject({ limits: { requests }, failure: { retryAfterMs: 6000 } });
    expect(failed.failure).not.toHaveProperty('retryable');
  });

  it('reads an answer whole where it is not to stream', async () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { type: 'text', text: 'Hello, world.' },
      { type: 'tool_use', id: 'toolu_1', name: 'look', input: { path: 'a.md' } },
    ];
    const usage = { ...startUsage, output_tokens: 9 };
    const served = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_2' });
      response.end(JSON.stringify({ id: 'msg_1', type: 'message', content, stop_reason: 'tool_use', usage }));
    });
    const { events, end } = await ask(served, asking({ outputTokensMax: 100_000 }), { streaming: false });
    expect(served.bodies[0]).not.toHaveProperty('stream');
    expect(events).toEqual([
      { type: 'begun' },
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Hello, world.' },
    ]);
    expect(end).toMatchObject({
      type: 'reply',
      reply: {
        stop: 'tool-calls',
        requestId: 'req_2',
        usage: { inputTokens: 40, cacheReadTokens: 1500, outputTokens: 9 },
        blocks: [
          { type: 'opaque', content: content[0] },
          { type: 'text', text: 'Hello, world.' },
          { type: 'tool-call', id: 'toolu_1', input: { path: 'a.md' } },
        ],
      },
    });
  });

  it('reads a finished answer to its end, so that its connection is used again', async () => {
    const served = await serve(streaming([start(), ...text('x'), ...stop('end_turn')]));
    for (const _ of [1, 2, 3, 4, 5, 6]) expect((await ask(served)).end.type).toBe('reply');
    // Two, because the next call may begin before the last byte of the one before has come.
    expect(served.connections()).toBeLessThanOrEqual(2);
  });

  it('speaks to other servers of the same wire under their own name', async () => {
    const served = await serve(streaming([start(), ...text('x'), ...stop('end_turn')]));
    const other = model(served.origin, { provider: 'llamacpp', model: 'qwen3' });
    const { end } = await endOf(other.stream(asking(), new AbortController().signal));
    expect(end).toMatchObject({ reply: { model: 'llamacpp/qwen3' } });
    expect(served.bodies[0]).toMatchObject({ model: 'qwen3' });
  });

  it('asks the provider how long a request is, with everything that counts', async () => {
    const served = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"input_tokens": 2095}');
    });
    const request = asking({
      outputTokensMax: 100,
      system: [{ id: 's', stability: 'release', text: 'Be.' }],
    });
    const { signal } = new AbortController();
    expect(await model(served.origin).countTokens?.(request, signal)).toEqual({ ok: true, value: 2095 });
    expect(served.bodies[0]).toEqual({
      model: 'claude-sonnet-5',
      system: [{ type: 'text', text: 'Be.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    });
    const refusal = { type: 'error', error: { type: 'api_error', message: 'Internal' } };
    const refused = model((await serve(answering(500, refusal))).origin);
    expect(await refused.countTokens?.(request, signal)).toMatchObject({
      failure: { code: 'provider-down' },
    });
    expect(await refused.countTokens?.(request, AbortSignal.abort())).toMatchObject({
      failure: { code: 'cancelled' },
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

  it('tells a call that was cut before its arguments from one that has none', async () => {
    const inputOf = async (pieces: readonly string[], reason: string) => {
      const { end } = await ask(await serve(streaming([start(), ...tool(...pieces), ...stop(reason)])));
      const [first] = end.type === 'reply' ? end.reply.blocks : [];
      return first?.type === 'tool-call' ? first.input : null;
    };
    expect(await inputOf([''], 'max_tokens')).toBe('');
    expect(await inputOf([''], 'tool_use')).toEqual({});
    expect(await inputOf(['{}'], 'max_tokens')).toEqual({});
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
});
