import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  ask,
  failureOf,
  model,
  sse,
  start,
  stop,
  streaming,
  text,
  type WireEvent,
} from '../../../test/setup/anthropic-server.ts';
import { answering, serve } from '../../../test/setup/loopback.ts';
import { asking, endOf } from '../../../test/setup/model-calls.ts';
import type { ModelEnd } from '../../core/index.ts';
import { anthropicModel } from './anthropic.ts';

describe('a call to Anthropic that fails', () => {
  it('estimates what a server that reports no usage has used', async () => {
    const silent = streaming([start(null), ...text('four'), ...stop('end_turn', {}).slice(0, 1)]);
    const failed = await failureOf(silent);
    expect(failed).not.toHaveProperty('usage');
    expect(failed.estimate).toMatchObject({ cacheReadTokens: 'unknown', outputTokens: 6 });
    expect(failed.estimate?.inputTokens).toBeGreaterThan(0);
  });

  it('says timeout when the transport gave up, before the answer and in the middle of it', async () => {
    const late = new DOMException('The first byte took too long.', 'TimeoutError');
    const before = model('http://127.0.0.1:9', { fetch: () => Promise.reject(late) });
    const { end } = await endOf(before.stream(asking(), new AbortController().signal));
    expect(end).toMatchObject({ failure: { code: 'timeout', message: expect.stringContaining('begin') } });
    const stalled: typeof fetch = async () => {
      const head = new TextEncoder().encode(sse([start(), ...text('x')]));
      const source = {
        async *[Symbol.asyncIterator]() {
          yield head;
          throw late;
        },
      };
      const headers = { 'content-type': 'text/event-stream' };
      return new Response(ReadableStream.from(source), { headers });
    };
    const cut = model('http://127.0.0.1:9', { fetch: stalled });
    expect((await endOf(cut.stream(asking(), new AbortController().signal))).end).toMatchObject({
      failure: { code: 'timeout', message: expect.stringContaining('finish') },
      usage: { inputTokens: 40 },
    });
  });

  it('sends each request once, and says when the provider wants no other', async () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const served = await serve(answering(529, body, { 'x-should-retry': 'false' }));
    const { end } = await ask(served);
    expect(end).toMatchObject({ failure: { code: 'provider-down', retryable: false } });
    expect(served.bodies).toHaveLength(1);
  });

  it('fails a stream that is cut, with what it has used so far', async () => {
    const failed = await failureOf(streaming([start(), ...text('ten chars.')]));
    expect(failed).toMatchObject({
      failure: { code: 'provider-down' },
      usage: { inputTokens: 40, cacheReadTokens: 1500, outputTokens: 1 },
      // Ten characters counted here are thirteen of the model's tokens, of which one was reported.
      estimate: { inputTokens: 0, cacheReadTokens: 0, outputTokens: 12 },
    });
    const torn = await failureOf((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse([start()]), () => response.destroy());
    });
    expect(torn).toMatchObject({ failure: { code: 'provider-down' }, usage: { inputTokens: 40 } });
    expect(torn).not.toHaveProperty('estimate');
    const told = await failureOf(streaming([start(), ...text('x'), ...stop('end_turn').slice(0, 1)]));
    expect(told).toMatchObject({ usage: { outputTokens: 12 } });
    expect(told).not.toHaveProperty('estimate');
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
    [400, 'invalid_request_error', 'Your credit balance is too low to access the API.', 'no-access'],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context-full'],
    [400, 'invalid_request_error', 'messages: roles must alternate', 'request-rejected'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'request-rejected'],
    [404, 'not_found_error', 'model: claude-sonnet-55', 'unknown-model'],
  ])('maps %i %s "%s" to %s', async (...refusal) => {
    const [status, type, message, code] = refusal;
    const { failure, usage } = await failureOf(
      answering(status, { type: 'error', error: { type, message } }),
    );
    expect([failure.code, usage]).toEqual([code, undefined]);
  });

  it('passes on how long to wait, and does not wait for quotas that never pass', async () => {
    const body = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } };
    expect((await failureOf(answering(429, body, { 'retry-after': '7' }))).failure.retryAfterMs).toBe(7000);
    const spent = { ...body.error, details: { error_code: 'enforced_spend_limit_reached' } };
    expect((await failureOf(answering(429, { type: 'error', error: spent }))).failure).toMatchObject({
      code: 'no-access',
      retryable: false,
    });
  });

  it('never repeats a key, but names the variable that holds it', async () => {
    const said = {
      type: 'error',
      error: { type: 'permission_error', message: 'The key sk-secret may not do this' },
    };
    const { failure } = await failureOf(answering(403, said));
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

  it('never lets a key that cannot be sent into a message', async () => {
    for (const apiKey of ['sk-SECRET\nsecond', 'sk-SECRET two', 'sk-SECRETé']) {
      const broken = anthropicModel({ model: 'claude-sonnet-5', apiKey, countTokens: () => 0 });
      const { end } = await endOf(broken.stream(asking(), new AbortController().signal));
      expect(end).toMatchObject({
        failure: { code: 'no-access', message: expect.stringContaining('check ANTHROPIC_API_KEY') },
      });
      expect(JSON.stringify(end)).not.toContain('SECRET');
    }
  });

  it('says that nobody listens', async () => {
    const served = await serve(() => undefined);
    served.close();
    const { end } = await ask(served);
    expect(end).toMatchObject({
      failure: { code: 'provider-down', message: expect.stringMatching(/127\.0\.0\.1.*ECONNREFUSED/) },
    });
  });

  it('hangs up when the reader leaves early or cancels in the middle', async () => {
    const stalled = (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse([start(), ...text('x')]));
    };
    const left = await serve(stalled);
    for await (const event of model(left.origin).stream(asking(), new AbortController().signal)) {
      if (event.type === 'text') break;
    }
    await left.hungUp;
    const cancelled = await serve(stalled);
    const caller = new AbortController();
    const ends: ModelEnd[] = [];
    for await (const event of model(cancelled.origin).stream(asking(), caller.signal)) {
      if (event.type === 'text') caller.abort();
      if (event.type === 'end') ends.push(event.end);
    }
    expect(ends).toMatchObject([
      { type: 'failed', failure: { code: 'cancelled' }, usage: { inputTokens: 40 } },
    ]);
    await cancelled.hungUp;
  });
});
