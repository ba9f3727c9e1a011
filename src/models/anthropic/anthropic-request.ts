import type { Anthropic } from '@anthropic-ai/sdk';
import {
  type AssistantBlock,
  type CacheLife,
  isJsonObject,
  type Json,
  type ModelRequest,
} from '../../core/index.ts';
import { type ConversationTurn, cacheMarksOf, systemOf, turnsOf } from '../wire/conversation.ts';
import { grammarOf, outputInstruction } from '../wire/output-schema.ts';

/** The provider's name in ids and opaque blocks. */
export const anthropicProvider = 'anthropic';

/** Writes a request as Anthropic's Messages API takes it. Equal requests give equal bytes. */
export function anthropicBody(request: ModelRequest, model: string): Anthropic.MessageCreateParamsStreaming {
  const turns = turnsOf(request.messages);
  const blocks = systemOf(request);
  const marks = cacheMarksOf(blocks, turns);
  const grammar = request.output === undefined ? null : grammarOf(request.output.schema);
  const system = [
    ...blocks.map((block, position) =>
      withMark({ type: 'text' as const, text: block.text }, marks.system.get(position)),
    ),
    ...(request.output !== undefined && grammar === null
      ? [{ type: 'text' as const, text: outputInstruction(request.output) }]
      : []),
  ];
  const config = outputConfig(request, model, grammar);
  return {
    model,
    max_tokens: request.outputTokensMax,
    stream: true,
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolParam) }),
    ...(system.length === 0 ? {} : { system }),
    messages: turns.map((turn, position) => messageParam(turn, marks.turns.get(position))),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
  };
}

function toolParam({ name, purpose, inputSchema }: ModelRequest['tools'][number]): Anthropic.Tool {
  return {
    name,
    description: purpose,
    input_schema: { type: 'object', ...inputSchema } as Anthropic.Tool.InputSchema,
  };
}

function outputConfig(request: ModelRequest, model: string, grammar: Json): Anthropic.OutputConfig {
  const { effort } = request;
  return {
    ...(effort === undefined || hasNoEffort(model) ? {} : { effort }),
    ...(isJsonObject(grammar) ? { format: { type: 'json_schema' as const, schema: { ...grammar } } } : {}),
  };
}

/** Models up to 4.5 do not know the word and reject it (Anthropic, "Effort"). */
function hasNoEffort(model: string): boolean {
  return /^claude-(2|3|instant|(haiku|sonnet|opus)-4(-[0-5])?(-\d{8}|-latest)?$)/.test(model);
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
    ...turn.texts.map((text) => ({ type: 'text' as const, text })),
  ];
  return {
    role: 'user',
    content: blocks.map((block, position) =>
      withMark(block, position === blocks.length - 1 ? life : undefined),
    ),
  };
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
