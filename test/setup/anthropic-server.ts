import type { ServerResponse } from 'node:http';
import type { Json } from '../../src/core/index.ts';
import { type AnthropicOptions, anthropicModel } from '../../src/models/testing.ts';
import { type Served, serve, streamingText } from './loopback.ts';
import { asking, endOf } from './model-calls.ts';

/** One event of the Messages API's stream. */
export type WireEvent = { readonly type: string; readonly [key: string]: Json };

/** Writes events as they go over the wire. */
export function sse(events: readonly WireEvent[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** Answers with these events, and nothing after them. */
export function streaming(events: readonly WireEvent[]): (response: ServerResponse) => void {
  return streamingText(sse(events), { 'request-id': 'req_1' });
}

/** What a stream says at its start of what it used. */
export const startUsage = {
  input_tokens: 40,
  cache_creation_input_tokens: 100,
  cache_read_input_tokens: 1500,
  output_tokens: 1,
};

/** Begins an answer. */
export function start(usage: Json = startUsage): WireEvent {
  return {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage },
  };
}

/** One content block in pieces. */
export function block(index: number, content: Json, deltas: readonly Json[]): readonly WireEvent[] {
  return [
    { type: 'content_block_start', index, content_block: content },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

/** Ends an answer. */
export function stop(reason: string, usage: Json = { output_tokens: 12 }): readonly WireEvent[] {
  return [
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}

/** An answer's text. */
export const text = (...pieces: string[]): readonly WireEvent[] =>
  block(
    0,
    { type: 'text', text: '' },
    pieces.map((piece) => ({ type: 'text_delta', text: piece })),
  );

/** A call of the tool `look`. */
export const tool = (...pieces: string[]): readonly WireEvent[] =>
  block(
    1,
    { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
    pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
  );

/** The model under test. */
export const model = (baseUrl: string, more: Partial<AnthropicOptions> = {}) =>
  anthropicModel({
    model: 'claude-sonnet-5',
    baseUrl,
    apiKey: 'sk-secret',
    countTokens: (each) => each.length,
    ...more,
  });

/** Asks it once. */
export async function ask(served: Served, request = asking(), more: Partial<AnthropicOptions> = {}) {
  return endOf(model(served.origin, more).stream(request, new AbortController().signal));
}

/** The failure of a call that is answered so. */
export async function failureOf(answer: (response: ServerResponse) => void) {
  const { end } = await ask(await serve(answer));
  if (end.type !== 'failed') throw new Error('expected a failure');
  return end;
}
