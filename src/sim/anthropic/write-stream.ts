import { isJsonObject, type Json, type Usage } from '../../core/index.ts';
import type { Frame } from '../server/wire.ts';
import { overloaded } from './fault.ts';
import { messageFrame, startOfCall, usageFields, type WireBlock, type WireMessage } from './write-message.ts';

type CountTokens = (text: string) => number;

/** Writes a message as the events of a stream. Their order: Anthropic, "Streaming messages". */
export function writeStream(message: WireMessage, countTokens: CountTokens): readonly Frame[] {
  const blocks = message.content.map((block, index) => blockFrames(block, index, { message, countTokens }));
  return [startFrame(message), ...withPing(blocks), ...endFrames(message)];
}

/** Told when the provider breaks down after it has begun to answer. */
export const overloadedFrame: Frame = Object.freeze(
  frame('error', { error: { type: overloaded.kind, message: overloaded.message } }),
);

function frame(type: string, fields: { readonly [key: string]: Json }, tokens = 0): Frame {
  return { text: `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`, tokens };
}

/** The input is known from the first event on; of the output only that it has begun. */
function startFrame(message: WireMessage): Frame {
  const begun = beginningOf(message.usage);
  const { output_tokens_details: _, ...counts } = usageFields(begun);
  const start = { ...messageFrame(message), usage: { ...counts, ...message.service } };
  return { ...frame('message_start', { message: start }), reports: begun };
}

function beginningOf(usage: Usage): Usage {
  const outputTokens = Math.min(1, usage.outputTokens + usage.reasoningTokens);
  return { ...usage, outputTokens, reasoningTokens: 0 };
}

/** A ping comes once the first block has begun. */
function withPing(blocks: readonly (readonly Frame[])[]): readonly Frame[] {
  const [start, ...rest] = blocks.flat();
  return start === undefined ? [] : [start, frame('ping', {}), ...rest];
}

function endFrames(message: WireMessage): readonly Frame[] {
  const { cache_creation: _, ...counts } = usageFields(message.usage);
  const delta = {
    stop_reason: message.stopReason,
    stop_sequence: message.stopSequence,
    stop_details: message.stopDetails,
    container: null,
  };
  const usage = { ...counts, server_tool_use: null };
  return [{ ...frame('message_delta', { delta, usage }), reports: message.usage }, frame('message_stop', {})];
}

interface BlockContext {
  readonly message: WireMessage;
  readonly countTokens: CountTokens;
}

function blockFrames(block: WireBlock, index: number, context: BlockContext): readonly Frame[] {
  return [
    frame('content_block_start', { index, content_block: startOf(block) }),
    ...deltasOf(block, context).map(({ delta, tokens }) =>
      frame('content_block_delta', { index, delta }, tokens),
    ),
    frame('content_block_stop', { index }),
  ];
}

function startOf(block: WireBlock): Json {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '', citations: null };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'tool_use':
      return startOfCall(block);
  }
}

interface Delta {
  readonly delta: { readonly [key: string]: Json };
  readonly tokens: number;
}

function deltasOf(block: WireBlock, { message, countTokens }: BlockContext): readonly Delta[] {
  switch (block.type) {
    case 'text':
      return chunksOf(block.text).map((text) => ({
        delta: { type: 'text_delta', text },
        tokens: countTokens(text),
      }));
    case 'thinking':
      return thinkingDeltas(block, message, countTokens);
    case 'tool_use':
      return ['', ...argumentPieces(block)].map((partial) => ({
        delta: { type: 'input_json_delta', partial_json: partial },
        tokens: countTokens(partial),
      }));
  }
}

/** Thinking that is kept back takes its time all the same. */
function thinkingDeltas(
  { thinking, signature }: Extract<WireBlock, { readonly type: 'thinking' }>,
  { usage }: WireMessage,
  countTokens: CountTokens,
): readonly Delta[] {
  const shown = chunksOf(thinking).map((text) => ({
    delta: { type: 'thinking_delta', thinking: text },
    tokens: countTokens(text),
  }));
  const tokens = shown.length === 0 ? usage.reasoningTokens : 0;
  return [...shown, { delta: { type: 'signature_delta', signature }, tokens }];
}

/** Words in one event: a stream that looks like one, without an event for every token. */
const chunkWords = 4;

/** Cuts a text between words; joined, the pieces are the text. */
function chunksOf(text: string): readonly string[] {
  const words = text.match(/^\s+|\S+\s*/g) ?? [];
  const count = Math.ceil(words.length / chunkWords);
  return Array.from({ length: count }, (_, at) =>
    words.slice(at * chunkWords, (at + 1) * chunkWords).join(''),
  );
}

/** Current models tell one key with its value at a time. What is no whole object is told as it is. */
function argumentPieces({
  input,
  arguments: told,
}: Extract<WireBlock, { readonly type: 'tool_use' }>): readonly string[] {
  if (!isJsonObject(input)) return told === '' ? [] : [told];
  const members = Object.entries(input).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  if (members.length === 0) return ['{}'];
  return members.map((member, at) => {
    const start = at === 0 ? '{' : ',';
    return `${start}${member}${at === members.length - 1 ? '}' : ''}`;
  });
}
