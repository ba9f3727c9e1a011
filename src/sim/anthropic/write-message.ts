import {
  type AssistantBlock,
  isJsonObject,
  type Json,
  type StopReason,
  type ToolCallBlock,
  type Usage,
} from '../../core/index.ts';
import type { Answer, Delivery } from '../server/wire.ts';
import type { MessageBody } from './message-body.ts';
import { signatureOf } from './signature.ts';

/** What an answer becomes a message with. */
export interface Writing {
  readonly body: MessageBody;
  readonly batch: boolean;
  readonly forcedTool: string | null;
  readonly showsThinking: boolean;
  newId(prefix: string): string;
  countTokens(text: string): number;
}

/** A message as the API tells it, whole or piece by piece. */
export interface WireMessage {
  readonly id: string;
  readonly model: string;
  readonly content: readonly WireBlock[];
  readonly stopReason: string;
  readonly stopSequence: string | null;
  readonly stopDetails: Json;
  readonly diagnostics: Json;
  /** What it used when it is told to the end. */
  readonly usage: Usage;
  /** What surrounds the counts in `usage`. */
  readonly service: { readonly [key: string]: Json };
}

/** A block of a message. `arguments` is what a tool call is streamed as: JSON, unless it is to be broken. */
export type WireBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: Json;
      readonly arguments: string;
    };

/** Turns what a brain answered into a message of the API. */
export function writeMessage(answer: Answer, writing: Writing): WireMessage {
  const { body, newId } = writing;
  const blocks = answer.reply.blocks.flatMap((block) => wireBlock(block, answer, writing));
  const cut = cutAtSequence(blocks, body.stop_sequences ?? []);
  return {
    id: newId('msg_01'),
    model: body.model,
    content: cut?.blocks ?? blocks,
    stopReason: cut === null ? stopReasonOf(answer.reply.stop, blocks) : 'stop_sequence',
    stopSequence: cut?.sequence ?? null,
    stopDetails: refusalDetails(answer),
    diagnostics: diagnosticsOf(body),
    usage: cut === null ? answer.usage : cutUsage(answer.usage, cut.blocks, writing),
    service: {
      service_tier: writing.batch ? 'batch' : 'standard',
      speed: body.speed ?? 'standard',
      inference_geo: body.inference_geo ?? 'global',
      server_tool_use: null,
    },
  };
}

/** The message in one piece. */
export function wholeMessage(message: WireMessage): { readonly [key: string]: Json } {
  return {
    ...messageFrame(message),
    content: message.content.map(wholeBlock),
    stop_reason: message.stopReason,
    stop_sequence: message.stopSequence,
    stop_details: message.stopDetails,
    usage: { ...usageFields(message.usage), ...message.service },
  };
}

/** The message before anything is said, as a stream begins with it. */
export function messageFrame({ id, model, diagnostics }: WireMessage): { readonly [key: string]: Json } {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics,
  };
}

/** The counts of a usage in the API's words: thinking is inside the output, cached input beside the rest. */
export function usageFields(usage: Usage): { readonly [key: string]: Json } {
  const { cacheWrite5mTokens, cacheWrite1hTokens, outputTokens, reasoningTokens } = usage;
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: cacheWrite5mTokens + cacheWrite1hTokens,
    cache_read_input_tokens: usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWrite5mTokens,
      ephemeral_1h_input_tokens: cacheWrite1hTokens,
    },
    output_tokens: outputTokens + reasoningTokens,
    output_tokens_details: { thinking_tokens: reasoningTokens },
  };
}

/** How the message travels. Where it was cut short, less is told and billed than the brain said. */
export function deliveryOf({ delivery }: Answer, { usage }: WireMessage): Delivery {
  return { ...delivery, usage };
}

function wireBlock(block: AssistantBlock, answer: Answer, writing: Writing): readonly WireBlock[] {
  switch (block.type) {
    case 'text':
      if (block.text === '') return [];
      return [
        writing.forcedTool === null || answer.reply.stop === 'refused'
          ? { type: 'text', text: block.text }
          : callBlock({ name: writing.forcedTool, input: parsed(block.text) }, answer, writing),
      ];
    case 'tool-call':
      return [callBlock(block, answer, writing)];
    case 'opaque':
      return thinkingBlock(block.content, writing.showsThinking);
  }
}

/** Where a tool must be called, a brain was asked for its arguments: what it said is the call. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function callBlock(
  { name, input }: Pick<ToolCallBlock, 'name' | 'input'>,
  { breaksArguments }: Answer,
  { newId }: Writing,
): WireBlock {
  const whole = typeof input === 'string' ? input : JSON.stringify(input);
  // Without its last quarter no JSON object is whole.
  const told = breaksArguments ? whole.slice(0, Math.max(1, Math.floor(whole.length * 0.75))) : whole;
  return {
    type: 'tool_use',
    id: newId('toolu_01'),
    name,
    input: breaksArguments ? told : input,
    arguments: told,
  };
}

function thinkingBlock(content: Json, isShown: boolean): readonly WireBlock[] {
  const said = isJsonObject(content) ? content['thinking'] : undefined;
  if (typeof said !== 'string') return [];
  const thinking = isShown ? said : '';
  return [{ type: 'thinking', thinking, signature: signatureOf(thinking) }];
}

function wholeBlock(block: WireBlock): Json {
  switch (block.type) {
    case 'text':
      return { ...block, citations: null };
    case 'thinking':
      return { ...block };
    case 'tool_use':
      return { ...startOfCall(block), input: block.input };
  }
}

/** A tool call before its arguments are told. */
export function startOfCall({ id, name }: Extract<WireBlock, { readonly type: 'tool_use' }>): {
  readonly [key: string]: Json;
} {
  return { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } };
}

/** What is said before the first stop sequence, or null when none comes up. */
function cutAtSequence(
  blocks: readonly WireBlock[],
  sequences: readonly string[],
): { readonly blocks: readonly WireBlock[]; readonly sequence: string } | null {
  for (const [at, block] of blocks.entries()) {
    if (block.type !== 'text') continue;
    const found = sequences
      .map((sequence) => ({ sequence, at: block.text.indexOf(sequence) }))
      .filter((place) => place.at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    if (found === undefined) continue;
    const kept = block.text.slice(0, found.at);
    const last: readonly WireBlock[] = kept === '' ? [] : [{ type: 'text', text: kept }];
    return { blocks: [...blocks.slice(0, at), ...last], sequence: found.sequence };
  }
  return null;
}

/** What was cut off was not made, so it is not billed. */
function cutUsage(usage: Usage, left: readonly WireBlock[], { countTokens }: Writing): Usage {
  const said = left.reduce((sum, block) => sum + countTokens(saidBy(block)), 0);
  const thought = left.some(({ type }) => type === 'thinking');
  return {
    ...usage,
    outputTokens: Math.min(usage.outputTokens, said),
    reasoningTokens: thought ? usage.reasoningTokens : 0,
  };
}

function saidBy(block: WireBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'thinking':
      return '';
    case 'tool_use':
      return `${block.name} ${block.arguments}`;
  }
}

function stopReasonOf(stop: StopReason, blocks: readonly WireBlock[]): string {
  switch (stop) {
    case 'output-limit':
      return 'max_tokens';
    case 'context-full':
      return 'model_context_window_exceeded';
    case 'refused':
      return 'refusal';
    default:
      return blocks.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
  }
}

/** The categories that the API names; anything else is explained without one. */
const refusalCategories: readonly string[] = [
  'cyber',
  'bio',
  'frontier_llm',
  'reasoning_extraction',
  'general_harms',
];

function refusalDetails({ reply, refusal }: Answer): Json {
  if (reply.stop !== 'refused') return null;
  const isNamed = refusal !== null && refusalCategories.includes(refusal);
  return { type: 'refusal', category: isNamed ? refusal : null, explanation: isNamed ? null : refusal };
}

/** Requests are not remembered, so there is nothing to compare with. */
function diagnosticsOf({ diagnostics }: MessageBody): Json {
  if ((diagnostics?.previous_message_id ?? null) === null) return null;
  return { cache_miss_reason: { type: 'unavailable' } };
}
