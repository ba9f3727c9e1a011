import type { Anthropic } from '@anthropic-ai/sdk';
import {
  type AssistantBlock,
  type CacheLife,
  type ImageBlock,
  isJsonObject,
  type Json,
  type ModelRequest,
  type SystemBlock,
  type TextBlock,
} from '../../core/index.ts';
import { capabilitiesOf, nearestEffort } from '../capabilities/capabilities-of.ts';
import { outputLimitsOf } from '../capabilities/output-limits.ts';
import { type CacheMarks, type ConversationTurn, cacheMarksOf, systemOf } from '../wire/conversation.ts';
import { grammarOf, outputInstruction } from '../wire/output-schema.ts';
import { createTurnWriter } from '../wire/turn-writer.ts';
import { thinkingParam } from './anthropic-thinking.ts';

/** The provider's name in ids and opaque blocks. */
export const anthropicProvider = 'anthropic';

/** A request's body, whether the answer is to be streamed or not. */
export type AnthropicBody = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>;

/** Writes requests as Anthropic's Messages API takes them. Equal requests give equal bytes. */
export function createAnthropicBody(model: string): (request: ModelRequest) => AnthropicBody {
  const id = factsId(model);
  const capabilities = capabilitiesOf(id);
  const messagesOf = createTurnWriter((turn) => [messageParam(turn)]);
  const toolsOf = createToolParams();
  return (request) => {
    const blocks = systemOf(request);
    const written = messagesOf(request.messages);
    const turns = written.map(({ turn }) => turn);
    const marks = cacheMarksOf(blocks, turns);
    const grammar = request.output === undefined ? null : grammarOf(request.output.schema);
    const limits = outputLimitsOf(request, id, capabilities);
    const thinking = thinkingParam(request, id, limits);
    const system = systemParams(blocks, { request, grammar, marks });
    const config = outputConfig(request, id, grammar);
    return {
      model,
      max_tokens: limits.tokensMax,
      ...(thinking === null ? {} : { thinking }),
      ...(request.tools.length === 0 ? {} : { tools: toolsOf(request.tools) }),
      ...(system.length === 0 ? {} : { system }),
      messages: written.flatMap(({ params }, position) => markedLast(params, marks.turns.get(position))),
      ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
    };
  };
}

interface SystemContext {
  readonly request: ModelRequest;
  readonly grammar: Json;
  readonly marks: CacheMarks;
}

function systemParams(
  blocks: readonly SystemBlock[],
  { request, grammar, marks }: SystemContext,
): Anthropic.TextBlockParam[] {
  const said = blocks.map(({ text }, position) =>
    withMark({ type: 'text' as const, text }, marks.system.get(position)),
  );
  // What cannot be a grammar is asked for in words.
  if (request.output === undefined || grammar !== null) return said;
  return [...said, { type: 'text', text: outputInstruction(request.output) }];
}

/** The id under which a model's facts are filed, whoever serves it: Bedrock writes `anthropic.` before the name. */
export function factsId(model: string): string {
  return `anthropic/${model.replace(/^([a-z]+\.)?anthropic\./, '')}`;
}

function createToolParams(): (tools: ModelRequest['tools']) => Anthropic.Tool[] {
  const written = new WeakMap<ModelRequest['tools'], Anthropic.Tool[]>();
  return (tools) => {
    const params = written.get(tools) ?? tools.map(toolParam);
    written.set(tools, params);
    return params;
  };
}

function toolParam({ name, purpose, inputSchema }: ModelRequest['tools'][number]): Anthropic.Tool {
  return {
    name,
    description: purpose,
    input_schema: { type: 'object', ...inputSchema } as Anthropic.Tool.InputSchema,
  };
}

function outputConfig(request: ModelRequest, id: string, grammar: Json): Anthropic.OutputConfig {
  const effort = request.effort === undefined ? null : nearestEffort(request.effort, id);
  return {
    ...(effort === null ? {} : { effort }),
    ...(isJsonObject(grammar) ? { format: { type: 'json_schema' as const, schema: { ...grammar } } } : {}),
  };
}

/** A message without a mark. */
function messageParam(turn: ConversationTurn): Anthropic.MessageParam {
  if (turn.role === 'assistant') return { role: 'assistant', content: turn.blocks.flatMap(assistantParam) };
  const results = turn.results.map((result) => ({
    type: 'tool_result' as const,
    tool_use_id: callId(result.id),
    ...(result.text === '' ? {} : { content: result.text }),
    ...(result.failed ? { is_error: true } : {}),
  }));
  return { role: 'user', content: [...results, ...turn.parts.map(partParam)] };
}

/** The same messages, with a mark on the last block of the last. */
function markedLast(
  params: readonly Anthropic.MessageParam[],
  life: CacheLife | undefined,
): readonly Anthropic.MessageParam[] {
  const last = params.at(-1);
  if (life === undefined || last === undefined || typeof last.content === 'string') return params;
  const content = last.content.map((block, position, all) =>
    position === all.length - 1 ? withMark(block, life) : block,
  );
  return [...params.slice(0, -1), { ...last, content } as Anthropic.MessageParam];
}

function partParam(part: TextBlock | ImageBlock): Anthropic.TextBlockParam | Anthropic.ImageBlockParam {
  if (part.type === 'text') return { type: 'text', text: part.text };
  return { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.base64 } };
}

function withMark<Block extends object>(
  block: Block,
  life: CacheLife | undefined,
): Block & { cache_control?: Anthropic.CacheControlEphemeral } {
  if (life === undefined) return block;
  return { ...block, cache_control: { type: 'ephemeral', ...(life === 'long' ? { ttl: '1h' } : {}) } };
}

function assistantParam(block: AssistantBlock): readonly Anthropic.ContentBlockParam[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: block.text }];
    case 'tool-call':
      return [{ type: 'tool_use', id: callId(block.id), name: block.name, input: callInput(block.input) }];
    case 'opaque':
      // Another provider's own blocks (a chain may have changed models) mean nothing here.
      return block.provider === anthropicProvider
        ? [block.content as unknown as Anthropic.ContentBlockParam]
        : [];
  }
}

/** Ids of other servers may hold characters that are refused here (`functions.read:0`). */
function callId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}

/** Arguments must be an object; what the model sent instead is shown to it under a name that says so. */
function callInput(input: Json): Json {
  return isJsonObject(input) ? input : { invalid_arguments: input };
}
