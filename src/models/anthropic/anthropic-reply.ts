import type { Anthropic } from '@anthropic-ai/sdk';
import {
  type AssistantBlock,
  type CountTokens,
  type Json,
  type ModelEvent,
  type ModelRequest,
  noUsage,
  type Reply,
  type StopReason,
  totalOutputTokens,
  type Usage,
} from '../../core/index.ts';
import type { CallUse } from '../wire/provider-call.ts';
import { estimatedUsage } from '../wire/request-tokens.ts';
import { parsedArguments } from '../wire/tool-arguments.ts';
import { anthropicProvider } from './anthropic-request.ts';

/** Puts a reply together from Anthropic's stream. Knows at any time what has been used. */
export interface AnthropicReply {
  accept(event: Anthropic.RawMessageStreamEvent): readonly ModelEvent[];
  /** True after `message_stop`. */
  isComplete(): boolean;
  hasBegun(): boolean;
  /** What a call that ends now has used. `isTaken`: the provider has it, whatever it has said of it so far. */
  used(isTaken: boolean): CallUse;
  reply(model: string, requestId: string | null): Reply;
}

/** A content block while it grows. */
interface GrowingBlock {
  readonly start: Anthropic.ContentBlock;
  text: string;
  signature: string;
}

/** What has arrived so far. */
interface Progress {
  begun: boolean;
  readonly blocks: Map<number, GrowingBlock>;
  usage: WireUsage | null;
  messageId: string | null;
  stop: string | null;
  complete: boolean;
}

/** Starts with nothing. Request and counter are for what the server leaves unsaid. */
export function createAnthropicReply(request: ModelRequest, countTokens: CountTokens): AnthropicReply {
  const progress: Progress = {
    blocks: new Map(),
    begun: false,
    usage: null,
    messageId: null,
    stop: null,
    complete: false,
  };
  const estimated = () => estimatedUsage(request, textOf(progress), countTokens);
  return {
    accept: (event) => accept(progress, event),
    isComplete: () => progress.complete,
    hasBegun: () => progress.begun,
    used(isTaken) {
      if (progress.usage === null) return isTaken ? { estimate: estimated() } : {};
      const usage = usageOf(progress.usage);
      return { usage, ...beyond(usage, countTokens(textOf(progress))) };
    },
    reply(model, requestId) {
      const usage = progress.usage === null ? estimated() : usageOf(progress.usage);
      return replyOf(progress, { model, usage, requestId });
    },
  };
}

function accept(progress: Progress, event: Anthropic.RawMessageStreamEvent): readonly ModelEvent[] {
  switch (event.type) {
    case 'message_start':
      progress.begun = true;
      progress.messageId = event.message.id;
      progress.usage = event.message.usage ?? null;
      return [];
    case 'content_block_start':
      return begin(progress, event.index, event.content_block);
    case 'content_block_delta':
      return grow(progress.blocks.get(event.index), event.delta);
    case 'message_delta':
      progress.stop = event.delta.stop_reason ?? progress.stop;
      progress.usage = mergedUsage(progress.usage, event.usage);
      return [];
    case 'message_stop':
      progress.complete = true;
      return [];
    default:
      // Providers add events; what is unknown changes nothing.
      return [];
  }
}

/** What a reply says about itself beside its content. */
type ReplyFacts = Pick<Reply, 'model' | 'usage'> & { readonly requestId: string | null };

function replyOf(progress: Progress, { model, usage, requestId }: ReplyFacts): Reply {
  const ordered = [...progress.blocks.entries()].sort(([a], [b]) => a - b);
  const isCut = progress.stop === 'max_tokens';
  const blocks = ordered.flatMap(([, block], position) =>
    finishedBlock(block, isCut && position === ordered.length - 1),
  );
  const id = requestId ?? progress.messageId;
  return {
    blocks,
    stop: stopOf(progress.stop, blocks),
    usage,
    model,
    ...(id === null ? {} : { requestId: id }),
  };
}

/** A whole answer has its text here already, as some compatible servers do in their streams. */
function begin({ blocks }: Progress, index: number, start: Anthropic.ContentBlock): readonly ModelEvent[] {
  const text = start.type === 'text' ? start.text : start.type === 'thinking' ? start.thinking : '';
  const signature = start.type === 'thinking' ? start.signature : '';
  blocks.set(index, { start, text, signature });
  if (text === '') return [];
  return [{ type: start.type === 'text' ? 'text' : 'reasoning', text }];
}

function grow(block: GrowingBlock | undefined, delta: Anthropic.RawContentBlockDelta): readonly ModelEvent[] {
  if (block === undefined) return [];
  switch (delta.type) {
    case 'text_delta':
      block.text += delta.text;
      return delta.text === '' ? [] : [{ type: 'text', text: delta.text }];
    case 'thinking_delta':
      block.text += delta.thinking;
      return delta.thinking === '' ? [] : [{ type: 'reasoning', text: delta.thinking }];
    case 'signature_delta':
      block.signature += delta.signature;
      return [];
    case 'input_json_delta':
      block.text += delta.partial_json;
      return [];
    default:
      return [];
  }
}

/** Blocks whose type is unknown are left out: nobody asked for them. */
function finishedBlock({ start, text, signature }: GrowingBlock, isCut: boolean): readonly AssistantBlock[] {
  switch (start.type) {
    case 'text':
      return text === '' ? [] : [{ type: 'text', text }];
    case 'tool_use':
      return [
        { type: 'tool-call', id: start.id, name: start.name, input: toolInput(start.input, text, isCut) },
      ];
    case 'thinking':
      return [opaque({ type: 'thinking', thinking: text, signature })];
    case 'redacted_thinking':
      return [opaque({ type: 'redacted_thinking', data: start.data })];
    default:
      return [];
  }
}

function opaque(content: Json): AssistantBlock {
  return { type: 'opaque', provider: anthropicProvider, content };
}

/** Some compatible servers send the whole input at the start of the block and no deltas. */
function toolInput(start: unknown, text: string, isCut: boolean): Json {
  // A call that was cut before its arguments is none without arguments.
  if (isCut && text === '' && !hasMembers(start)) return '';
  return text === '' && typeof start === 'object' && start !== null ? (start as Json) : parsedArguments(text);
}

function hasMembers(start: unknown): boolean {
  return typeof start === 'object' && start !== null && Object.keys(start).length > 0;
}

function textOf({ blocks }: Progress): string {
  return [...blocks.values()].map((block) => block.text).join('\n');
}

function stopOf(stop: string | null, blocks: readonly AssistantBlock[]): StopReason {
  switch (stop) {
    case 'max_tokens':
      return 'output-limit';
    case 'refusal':
      return 'refused';
    case 'model_context_window_exceeded':
      return 'context-full';
    default:
      return blocks.some((block) => block.type === 'tool-call') ? 'tool-calls' : 'done';
  }
}

/** What may stand in `usage`, at the start and again (cumulative) at the end. Compatible servers leave things out. */
interface WireUsage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation?: { readonly ephemeral_1h_input_tokens?: number | null } | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number | null } | null;
}

/** Later numbers are cumulative and replace earlier ones; what is absent later stays. */
function mergedUsage(before: WireUsage | null, after: WireUsage | undefined): WireUsage | null {
  const told = Object.entries(after ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return told.length === 0 ? before : { ...before, ...Object.fromEntries(told) };
}

/** Anthropic's buckets are already exclusive, but for thinking, which stands inside the output. */
function usageOf(wire: WireUsage): Usage {
  const written = tokens(wire.cache_creation_input_tokens);
  const written1h = Math.min(written, tokens(wire.cache_creation?.ephemeral_1h_input_tokens));
  const output = tokens(wire.output_tokens);
  const thinking = Math.min(output, tokens(wire.output_tokens_details?.thinking_tokens));
  const reportsCache =
    typeof wire.cache_read_input_tokens === 'number' || typeof wire.cache_creation_input_tokens === 'number';
  return {
    ...noUsage,
    inputTokens: tokens(wire.input_tokens),
    cacheReadTokens: reportsCache ? tokens(wire.cache_read_input_tokens) : 'unknown',
    cacheWrite5mTokens: written - written1h,
    cacheWrite1hTokens: written1h,
    outputTokens: output - thinking,
    reasoningTokens: thinking,
  };
}

/** A stream that is cut never told its output: what arrived beyond what was reported was made, and billed. */
function beyond(usage: Usage, arrivedTokens: number): Pick<CallUse, 'estimate'> {
  const missing = arrivedTokens - totalOutputTokens(usage);
  return missing > 0 ? { estimate: { ...noUsage, outputTokens: missing } } : {};
}

function tokens(value: number | null | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.round(value) : 0;
}
