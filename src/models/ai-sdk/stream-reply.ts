import {
  type AssistantBlock,
  isJsonObject,
  type Json,
  type ModelEvent,
  type Reply,
  type StopReason,
  type Usage,
} from '../../core/index.ts';
import { parsedArguments } from '../wire/tool-arguments.ts';
import type { StreamPart, StreamUsage } from './language-model.ts';

/** Puts a reply together from the parts of an AI SDK stream. */
export interface StreamReply {
  accept(part: StreamPart): readonly ModelEvent[];
  /** True once the provider has said that it is done: only then is the answer whole. */
  isFinished(): boolean;
  /** True where it was done because something went wrong. */
  hasFailed(): boolean;
  /** What the provider reported; null when it has reported nothing. */
  usage(): Usage | null;
  /** All that has been said so far, for an estimate where nothing is reported. */
  said(): string;
  reply(facts: Pick<Reply, 'model' | 'usage'>, requestId: string | null): Reply;
}

/** A text, a thought or a tool call while it grows; `metadata` is what the provider said beside it. */
interface GrowingBlock {
  readonly type: 'text' | 'reasoning' | 'tool-call' | 'custom';
  readonly id: string;
  /** The tool's name, or the kind of a custom block. */
  name: string;
  text: string;
  metadata: { readonly [provider: string]: Json };
}

interface Progress {
  readonly opaqueName: string;
  readonly blocks: GrowingBlock[];
  /** Calls whose arguments have begun to come, for an estimate. */
  unfinished: string;
  responseId: string | null;
  finish: StreamPart | null;
}

/** Starts with nothing. `opaqueName` is the provider's name in opaque blocks. */
export function createStreamReply(opaqueName: string): StreamReply {
  const progress: Progress = { opaqueName, blocks: [], unfinished: '', responseId: null, finish: null };
  return {
    accept: (part) => accept(progress, part),
    isFinished: () => progress.finish !== null,
    hasFailed: () => progress.finish?.finishReason?.unified === 'error',
    usage: () => usageOf(progress.finish?.usage),
    said: () => progress.blocks.map(({ name, text }) => name + text).join('') + progress.unfinished,
    reply: (facts, requestId) => replyOf(progress, facts, requestId ?? progress.responseId),
  };
}

function accept(progress: Progress, part: StreamPart): readonly ModelEvent[] {
  switch (part.type) {
    case 'text-start':
    case 'text-delta':
    case 'text-end':
      return grown(progress, 'text', part);
    case 'reasoning-start':
    case 'reasoning-delta':
    case 'reasoning-end':
      return grown(progress, 'reasoning', part);
    case 'tool-input-delta':
      progress.unfinished += part.delta ?? '';
      return [];
    case 'tool-call':
    case 'custom':
      return whole(progress, part);
    case 'response-metadata':
      progress.responseId = part.id ?? progress.responseId;
      return [];
    case 'finish':
      progress.finish = part;
      return [];
    default:
      return [];
  }
}

function grown(
  { blocks }: Progress,
  type: 'text' | 'reasoning',
  { id = '', delta = '', providerMetadata }: StreamPart,
): readonly ModelEvent[] {
  const known = blocks.findLast((block) => block.type === type && block.id === id);
  const block = known ?? { type, id, name: '', text: '', metadata: {} };
  if (known === undefined) blocks.push(block);
  block.text += delta;
  block.metadata = mergedMetadata(block.metadata, providerMetadata);
  return delta === '' ? [] : [{ type, text: delta }];
}

function whole(progress: Progress, part: StreamPart): readonly ModelEvent[] {
  progress.unfinished = '';
  // What the provider ran itself nobody asked for, and nobody may answer; how an answer began nobody wants back.
  if (part.providerExecuted === true || part.kind?.endsWith('.message_start')) return [];
  progress.blocks.push({
    type: part.type === 'custom' ? 'custom' : 'tool-call',
    id: part.toolCallId ?? '',
    name: part.toolName ?? part.kind ?? '',
    text: typeof part.input === 'string' ? part.input : JSON.stringify(part.input ?? {}),
    metadata: mergedMetadata({}, part.providerMetadata),
  });
  return [];
}

/** Signatures come last, beside a piece without text: later words of a provider are added to earlier ones. */
function mergedMetadata(
  before: GrowingBlock['metadata'],
  after: object | undefined,
): GrowingBlock['metadata'] {
  const told = isJsonObject(after) ? Object.entries(after) : [];
  const merged = told.map(([provider, said]): readonly [string, Json] => {
    const known = before[provider];
    return [provider, isJsonObject(known) && isJsonObject(said) ? { ...known, ...said } : said];
  });
  return { ...before, ...Object.fromEntries(merged) };
}

function replyOf(
  progress: Progress,
  { model, usage }: Pick<Reply, 'model' | 'usage'>,
  id: string | null,
): Reply {
  const blocks = progress.blocks.flatMap((block) => blocksOf(block, progress.opaqueName));
  const stop = stopOf(progress.finish?.finishReason?.unified, blocks);
  return { blocks, stop, usage, model, ...(id === null ? {} : { requestId: id }) };
}

function blocksOf(
  { type, id, name, text, metadata }: GrowingBlock,
  provider: string,
): readonly AssistantBlock[] {
  const said = Object.keys(metadata).length === 0 ? {} : { providerOptions: metadata };
  const opaque = (content: Json): AssistantBlock => ({ type: 'opaque', provider, content });
  switch (type) {
    case 'reasoning':
      return [opaque({ type, text, ...said })];
    case 'custom':
      return [opaque({ type, kind: name, ...said })];
    case 'text':
      if (text === '') return [];
      return [...(said.providerOptions ? [opaque({ of: type, ...said })] : []), { type, text }];
    case 'tool-call':
      return [
        ...(said.providerOptions ? [opaque({ of: type, ...said })] : []),
        { type, id, name, input: parsedArguments(text) },
      ];
  }
}

function stopOf(reason: string | undefined, blocks: readonly AssistantBlock[]): StopReason {
  if (reason === 'length') return 'output-limit';
  if (reason === 'content-filter') return 'refused';
  return blocks.some((block) => block.type === 'tool-call') ? 'tool-calls' : 'done';
}

/** Sorts usage into exclusive buckets; null where the provider counted nothing. */
function usageOf(usage: StreamUsage | undefined): Usage | null {
  if (usage?.inputTokens.total === undefined) return null;
  const { inputTokens, outputTokens, raw } = usage;
  const total = tokens(inputTokens.total);
  const read = Math.min(total, tokens(inputTokens.cacheRead));
  const written = Math.min(total - read, tokens(inputTokens.cacheWrite));
  const writtenLong = Math.min(written, longWriteIn(raw));
  const output = tokens(outputTokens.total);
  const reasoning = Math.min(output, tokens(outputTokens.reasoning));
  return {
    inputTokens: total - read - written,
    cacheReadTokens: read > 0 || saysCached(inputTokens.cacheRead, raw) ? read : 'unknown',
    cacheWrite5mTokens: written - writtenLong,
    cacheWrite1hTokens: writtenLong,
    outputTokens: output - reasoning,
    reasoningTokens: reasoning,
  };
}

/** Providers here say 0 where their server said nothing; only its own words tell the two apart. */
function saysCached(cacheRead: number | undefined, raw: object | undefined): boolean {
  return (
    cacheRead !== undefined && (raw === undefined || /"[^"]*cache[^"]*":\s*\d/i.test(JSON.stringify(raw)))
  );
}

/** Anthropic's own words for what was written for an hour: the AI SDK has none. */
function longWriteIn(raw: object | undefined): number {
  const creation = isJsonObject(raw) ? raw['cache_creation'] : undefined;
  const written = isJsonObject(creation) ? creation['ephemeral_1h_input_tokens'] : undefined;
  return typeof written === 'number' ? tokens(written) : 0;
}

function tokens(value: number | undefined): number {
  return value !== undefined && value > 0 ? Math.round(value) : 0;
}
