import type { OpenAI } from 'openai';
import type {
  AssistantBlock,
  CacheLife,
  ModelEvent,
  ModelRequest,
  Reply,
  StopReason,
  Usage,
} from '../../core/index.ts';
import { providerOf } from '../providers.ts';
import { createReasoning, type Reasoning, type ReasoningDelta } from './chat-reasoning.ts';
import { createToolCalls, type ToolCallDelta, type ToolCalls } from './chat-tool-calls.ts';
import { chatUsage, type WireUsage } from './chat-usage.ts';

/** One chunk as compatible servers really send it: anything may be missing. */
export type ChatChunk = Partial<Omit<OpenAI.ChatCompletionChunk, 'choices' | 'usage'>> & {
  readonly choices?: readonly Partial<WireChoice>[] | null;
  readonly usage?: WireUsage | null;
};

interface WireChoice {
  readonly delta: WireDelta | null;
  /** Stands for `delta` where the answer comes all at once. */
  readonly message: WireDelta | null;
  readonly finish_reason: string | null;
}

interface WireDelta extends ReasoningDelta {
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly ToolCallDelta[] | null;
}

/** Puts a reply together from a Chat Completions stream. */
export interface ChatReply {
  accept(chunk: ChatChunk): readonly ModelEvent[];
  /** True once the server gave a reason to stop: only then is the answer whole. */
  isFinished(): boolean;
  /** What the server reported; null when it has reported nothing. */
  usage(): Usage | null;
  /** All that has been said so far, for an estimate where nothing is reported. */
  said(): string;
  reply(answer: AnswerFacts): Reply;
}

/** What a reply says about itself beside its content. */
interface AnswerFacts {
  readonly model: string;
  readonly usage: Usage;
  readonly requestId: string | null;
}

/** What has arrived so far. */
interface Progress {
  readonly provider: string;
  readonly writeLife: CacheLife;
  readonly calls: ToolCalls;
  readonly reasoning: Reasoning;
  text: string;
  refusal: string;
  finishReason: string | null;
  usage: Usage | null;
  id: string | null;
}

/** Starts with nothing. `request` gives the place for ids of calls that come without. */
export function createChatReply(request: ModelRequest, provider: string): ChatReply {
  const progress: Progress = {
    provider,
    writeLife: writeLifeOf(request, provider),
    calls: createToolCalls(`call-${request.messages.length}`),
    reasoning: createReasoning(),
    text: '',
    refusal: '',
    finishReason: null,
    usage: null,
    id: null,
  };
  return {
    accept: (chunk) => accept(progress, chunk),
    isFinished: () => progress.finishReason !== null,
    usage: () => progress.usage,
    said: () => [progress.reasoning.said(), progress.text, progress.refusal, progress.calls.said()].join(''),
    reply: (answer) => replyOf(progress, answer),
  };
}

/**
 * How long the prompt cache keeps what a request wrote. This wire gives one number for all marks: the longest, which
 * is the dearest, stands for them.
 */
function writeLifeOf({ system, messages }: ModelRequest, provider: string): CacheLife {
  if (providerOf(provider)?.chat?.cacheMarks !== 'cache_control') return 'short';
  const isLong = (marked: object) => 'cacheMark' in marked && marked.cacheMark === 'long';
  return system.some(isLong) || messages.some(isLong) ? 'long' : 'short';
}

function accept(progress: Progress, chunk: ChatChunk): readonly ModelEvent[] {
  progress.id ??= chunk.id ?? null;
  if (chunk.usage) progress.usage = chatUsage(chunk.usage, progress.writeLife);
  const choice = chunk.choices?.[0];
  progress.finishReason = choice?.finish_reason ?? progress.finishReason;
  if (choice?.message) return acceptWhole(progress, choice.message);
  return choice?.delta ? acceptDelta(progress, choice.delta) : [];
}

/** What came whole is not cut, though some servers give it no reason to stop, and its calls no numbers. */
function acceptWhole(progress: Progress, message: WireDelta): readonly ModelEvent[] {
  progress.finishReason ??= 'stop';
  const calls = (message.tool_calls ?? []).map((call, index) => ({ ...call, index }));
  return acceptDelta(progress, { ...message, tool_calls: calls });
}

function acceptDelta(progress: Progress, delta: WireDelta): readonly ModelEvent[] {
  const thought = progress.reasoning.accept(delta);
  const spoken = (delta.content ?? '') + (delta.refusal ?? '');
  progress.text += delta.content ?? '';
  progress.refusal += delta.refusal ?? '';
  for (const call of delta.tool_calls ?? []) progress.calls.accept(call);
  return [
    ...(thought === '' ? [] : [{ type: 'reasoning' as const, text: thought }]),
    ...(spoken === '' ? [] : [{ type: 'text' as const, text: spoken }]),
  ];
}

function replyOf(progress: Progress, { model, usage, requestId }: AnswerFacts): Reply {
  const id = requestId ?? progress.id;
  const spoken = progress.text + progress.refusal;
  const blocks: AssistantBlock[] = [
    ...extras(progress),
    ...(spoken === '' ? [] : [{ type: 'text' as const, text: spoken }]),
    ...progress.calls.blocks(progress.finishReason === 'length'),
  ];
  const stop = progress.refusal === '' ? stopOf(progress.finishReason, blocks) : 'refused';
  return { blocks, stop, usage, model, ...(id === null ? {} : { requestId: id }) };
}

/** What the provider wants back with the calls it led to. A last word is never continued, so it keeps nothing. */
function extras({ provider, calls, reasoning }: Progress): readonly AssistantBlock[] {
  if (calls.blocks(false).length === 0) return [];
  const content = { ...reasoning.extras(), ...calls.extras() };
  return Object.keys(content).length === 0 ? [] : [{ type: 'opaque', provider, content }];
}

function stopOf(reason: string | null, blocks: readonly AssistantBlock[]): StopReason {
  if (reason === 'length') return 'output-limit';
  if (reason === 'content_filter') return 'refused';
  // Many servers say `stop` when they mean `tool_calls`, so the calls decide.
  return blocks.some((block) => block.type === 'tool-call') ? 'tool-calls' : 'done';
}
