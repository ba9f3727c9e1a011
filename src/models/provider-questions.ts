import assert from 'node:assert/strict';
import {
  type Failure,
  hashBytes,
  type ImageBlock,
  InspanError,
  type Message,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  type Reply,
  type ToolCallBlock,
  type ToolDefinition,
} from '../core/index.ts';

/** Whom a question goes to, and how long it may take. */
export interface Questioned {
  readonly model: Model;
  readonly signal: AbortSignal;
}

/** Eight by eight red pixels. */
export const picture: ImageBlock = Object.freeze({
  type: 'image',
  mediaType: 'image/png',
  base64:
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53yE8AAAAASUVORK5CYII=',
});

const look: ToolDefinition = Object.freeze({
  name: 'look',
  // By these words the offline model, and a simulator that it answers for, knows that it may call it.
  purpose: 'Shows what a file says. Read-only.',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' } },
    required: ['path'],
    additionalProperties: false,
  },
  effect: 'read',
} as const);

/** Enough for models that think before they answer, and little enough to pay for. */
const outputTokensMax = 400;

/** A question in plain words, to a model that may look at files. */
export function asking(text: string): ModelRequest {
  return {
    lane: 'contract',
    tools: [look],
    system: [{ id: 'prompt', stability: 'release', text: 'Do exactly what you are asked, and no more.' }],
    messages: [{ role: 'user', blocks: [{ type: 'text', text }] }],
    outputTokensMax,
  };
}

/** Sentences enough for every model's cache: about 8,000 tokens, where the longest minimum is 4,096. */
const prefixSentences = 400;

/** Puts a long and useless system prompt before a question. Another salt makes another prompt. */
export function withLongPrefix(request: ModelRequest, salt: string): ModelRequest {
  const sentences = Array.from({ length: prefixSentences }, (_, index) => {
    return `Rule ${index} of house ${hashBytes(`${salt} ${index}`).slice(0, 8)}: leave it as it was.`;
  });
  const prefix = {
    id: 'prefix',
    stability: 'release',
    text: sentences.join('\n'),
    cacheMark: 'short',
  } as const;
  return { ...request, system: [...request.system, prefix] };
}

/** Goes on after a reply: every call that it made is answered alike. */
export function withResults(
  request: ModelRequest,
  reply: Reply,
  { text, failed = false }: { readonly text: string; readonly failed?: boolean },
): ModelRequest {
  const results = callsOf(reply).map(({ id }) => ({ type: 'tool-result' as const, id, text, failed }));
  const more: readonly Message[] = [
    { role: 'assistant', blocks: reply.blocks },
    { role: 'user', blocks: results },
  ];
  return { ...request, messages: [...request.messages, ...more] };
}

/** What a model said before its end, and the reply it ended with. Rejects with `InspanError` where it failed. */
export async function replied(
  request: ModelRequest,
  questioned: Questioned,
): Promise<{ readonly events: readonly ModelEvent[]; readonly reply: Reply }> {
  const { events, end } = await ended(request, questioned);
  if (end.type === 'failed') throw new InspanError([end.failure]);
  return { events, reply: end.reply };
}

/** How a call failed that had to. */
export async function failed(request: ModelRequest, questioned: Questioned): Promise<Failure> {
  const { end } = await ended(request, questioned);
  assert.ok(end.type === 'failed', 'it was to fail, and replied');
  return end.failure;
}

/** Leaves as soon as there is text, and gives the end that is told then. */
export async function heardUntilText(
  request: ModelRequest,
  { model, signal }: Questioned,
): Promise<ModelEnd> {
  const leaving = new AbortController();
  const both = AbortSignal.any([signal, leaving.signal]);
  const ends: ModelEnd[] = [];
  for await (const event of model.stream(request, both)) {
    if (event.type === 'text') leaving.abort();
    if (event.type === 'end') ends.push(event.end);
  }
  const [end] = ends;
  assert.ok(ends.length === 1 && end !== undefined, `it was to end once, and ended ${ends.length} times`);
  return end;
}

async function ended(
  request: ModelRequest,
  { model, signal }: Questioned,
): Promise<{ readonly events: readonly ModelEvent[]; readonly end: ModelEnd }> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, signal)) events.push(event);
  const last = events.at(-1);
  assert.ok(last?.type === 'end', 'the last event was to be the end');
  return { events, end: last.end };
}

/** The tool calls of a reply, in its order. */
export function callsOf({ blocks }: Reply): readonly ToolCallBlock[] {
  return blocks.filter((block) => block.type === 'tool-call');
}

/** The text of a reply. */
export function textOf({ blocks }: Reply): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
}

/** Brings data into an order, whatever it is. */
export function byJson(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
