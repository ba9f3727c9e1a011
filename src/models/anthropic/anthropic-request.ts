import type { Anthropic } from '@anthropic-ai/sdk';
import {
  type AssistantBlock,
  type CacheLife,
  type ImageBlock,
  isJsonObject,
  type Json,
  type ModelRequest,
  type TextBlock,
} from '../../core/index.ts';
import { nearestEffort } from '../capabilities/capabilities-of.ts';
import { outputLimitsOf } from '../capabilities/output-limits.ts';
import { type ConversationTurn, cacheMarksOf, systemOf, turnsOf } from '../wire/conversation.ts';
import { grammarOf, outputInstruction } from '../wire/output-schema.ts';
import { thinkingParam } from './anthropic-thinking.ts';

/** The provider's name in ids and opaque blocks. */
export const anthropicProvider = 'anthropic';

/** A request's body, whether the answer is to be streamed or not. */
export type AnthropicBody = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>;

/** Writes a request as Anthropic's Messages API takes it. Equal requests give equal bytes. */
export function anthropicBody(request: ModelRequest, model: string): AnthropicBody {
  const id = factsId(model);
  const turns = turnsOf(request.messages);
  const blocks = systemOf(request);
  const marks = cacheMarksOf(blocks, turns);
  const grammar = request.output === undefined ? null : grammarOf(request.output.schema);
  const limits = outputLimitsOf(request, id);
  const thinking = thinkingParam(request, id, limits);
  const system = [
    ...blocks.map((block, position) =>
      withMark({ type: 'text' as const, text: block.text }, marks.system.get(position)),
    ),
    ...(request.output !== undefined && grammar === null
      ? [{ type: 'text' as const, text: outputInstruction(request.output) }]
      : []),
  ];
  const config = outputConfig(request, id, grammar);
  return {
    model,
    max_tokens: limits.tokensMax,
    ...(thinking === null ? {} : { thinking }),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolParam) }),
    ...(system.length === 0 ? {} : { system }),
    messages: turns.map((turn, position) => messageParam(turn, marks.turns.get(position))),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
  };
}

/** The id under which a model's facts are filed, whoever serves it: Bedrock writes `anthropic.` before the name. */
export function factsId(model: string): string {
  return `anthropic/${model.replace(/^([a-z]+\.)?anthropic\./, '')}`;
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

function messageParam(turn: ConversationTurn, life: CacheLife | undefined): Anthropic.MessageParam {
  if (turn.role === 'assistant') return { role: 'assistant', content: turn.blocks.flatMap(assistantParam) };
  const blocks = [
    ...turn.results.map((result) => ({
      type: 'tool_result' as const,
      tool_use_id: callId(result.id),
      ...(result.text === '' ? {} : { content: result.text }),
      ...(result.failed ? { is_error: true } : {}),
    })),
    ...turn.parts.map(partParam),
  ];
  return {
    role: 'user',
    content: blocks.map((block, position) =>
      withMark(block, position === blocks.length - 1 ? life : undefined),
    ),
  };
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
