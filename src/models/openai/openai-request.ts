import type { OpenAI } from 'openai';
import {
  type AssistantBlock,
  type Effort,
  hashJson,
  isJsonObject,
  type Json,
  type ModelRequest,
  type OutputSchema,
  type ToolResultBlock,
} from '../../core/index.ts';
import { type ConversationTurn, cacheMarksOf, systemOf, turnsOf } from '../wire/conversation.ts';
import { isStrict, outputInstruction, schemaName } from '../wire/output-schema.ts';

/** Which server is spoken to: the wire is the same, the habits are not. */
export interface OpenaiTarget {
  readonly provider: string;
  /** Without the provider. */
  readonly model: string;
}

type RequestWithOutput = ModelRequest & { readonly output: OutputSchema };
type Body = OpenAI.ChatCompletionCreateParamsStreaming;
type MessageParam = OpenAI.ChatCompletionMessageParam;

/** Writes a request as Chat Completions takes it. Equal requests give equal bytes. */
export function openaiBody(request: ModelRequest, target: OpenaiTarget): Body {
  const isOpenai = target.provider === 'openai';
  const limit = request.outputTokensMax;
  const effort = effortOf(request.effort, target);
  const format = saysOutputInWords(request, target) ? undefined : request.output;
  return {
    model: target.model,
    // Only OpenAI knows the newer name; every compatible server knows the older one.
    ...(isOpenai ? { max_completion_tokens: limit } : { max_tokens: limit }),
    stream: true,
    stream_options: { include_usage: true },
    ...(isOpenai ? { prompt_cache_key: prefixKey(request) } : {}),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolParam) }),
    messages: messageParams(request, target),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(format === undefined ? {} : { response_format: responseFormat(format) }),
  };
}

/** Requests that share tools and system part are routed to where that prefix is cached. */
function prefixKey({ tools, system }: ModelRequest): string {
  const texts = system.map((block) => block.text);
  return hashJson([tools.map(toolParam), texts]).slice(0, 32);
}

function toolParam({ name, purpose, inputSchema }: ModelRequest['tools'][number]): OpenAI.ChatCompletionTool {
  return { type: 'function', function: { name, description: purpose, parameters: { ...inputSchema } } };
}

/** Most servers hold a model to a schema from its first token on, which leaves it no way to call a tool. */
function saysOutputInWords(request: ModelRequest, { provider }: OpenaiTarget): request is RequestWithOutput {
  if (request.output === undefined || request.tools.length === 0) return false;
  return provider !== 'openai' && provider !== 'openrouter';
}

function responseFormat(output: OutputSchema): OpenAI.ResponseFormatJSONSchema {
  const strict = isStrict(output.schema);
  return {
    type: 'json_schema',
    json_schema: { name: schemaName(output), schema: { ...output.schema }, strict },
  };
}

/** The nearest word each server knows; undefined where it has no such notion. */
function effortOf(effort: Effort | undefined, { provider, model }: OpenaiTarget): Effort | undefined {
  if (effort === undefined) return undefined;
  if (provider === 'openai') return /^(gpt-4|gpt-3|chatgpt-)/.test(model) ? undefined : effort;
  if (provider === 'ollama') return effort === 'xhigh' ? 'high' : effort;
  if (provider === 'google') return effort === 'xhigh' || effort === 'max' ? 'high' : effort;
  return provider === 'openrouter' && effort === 'max' ? 'xhigh' : effort;
}

function messageParams(request: ModelRequest, target: OpenaiTarget): MessageParam[] {
  const turns = turnsOf(request.messages);
  const blocks = systemOf(request);
  const inWords = saysOutputInWords(request, target) ? [outputInstruction(request.output)] : [];
  const texts = [...blocks.map((block) => block.text), ...inWords];
  // Only OpenRouter hands marks on to Anthropic; everyone else caches prefixes by itself.
  const marks = target.provider === 'openrouter' ? cacheMarksOf(blocks, turns) : null;
  // One system message: the templates of many open models take no second.
  const system = marks === null ? texts.join('\n\n') : textParts(texts, new Set(marks.system.keys()));
  return [
    ...(texts.length === 0 ? [] : [{ role: 'system' as const, content: system }]),
    ...turns.flatMap((turn, position) =>
      turnParams(turn, target.provider, marks?.turns.has(position) === true),
    ),
  ];
}

function turnParams(turn: ConversationTurn, provider: string, marked: boolean): readonly MessageParam[] {
  if (turn.role === 'assistant') return [assistantParam(turn.blocks, provider)];
  const results = turn.results.map((result, position) =>
    resultParam(result, marked && turn.texts.length === 0 && position === turn.results.length - 1),
  );
  if (turn.texts.length === 0) return results;
  const content = marked ? textParts(turn.texts, new Set([turn.texts.length - 1])) : turn.texts.join('\n\n');
  return [...results, { role: 'user', content }];
}

function resultParam({ id, text, failed }: ToolResultBlock, marked: boolean): MessageParam {
  // This wire has no flag for failures, so the text says it.
  const said = failed ? `Error: ${text}` : text;
  return { role: 'tool', tool_call_id: id, content: marked ? textParts([said], new Set([0])) : said };
}

function textParts(
  texts: readonly string[],
  marked: ReadonlySet<number>,
): OpenAI.ChatCompletionContentPartText[] {
  return texts.map((text, position) => {
    // Parts are joined without anything between them by most templates.
    const part = { type: 'text' as const, text: position < texts.length - 1 ? `${text}\n\n` : text };
    return marked.has(position) ? { ...part, cache_control: { type: 'ephemeral' } } : part;
  });
}

function assistantParam(
  blocks: readonly AssistantBlock[],
  provider: string,
): OpenAI.ChatCompletionAssistantMessageParam {
  const text = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n');
  const own = blocks.flatMap((block) =>
    block.type === 'opaque' && block.provider === provider ? [block.content] : [],
  );
  const extras = Object.assign({}, ...own.filter(isJsonObject)) as { readonly [key: string]: Json };
  const { callExtras, ...messageExtras } = extras;
  const calls = blocks.flatMap((block) => (block.type === 'tool-call' ? [callParam(block, callExtras)] : []));
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...messageExtras,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function callParam(
  { id, name, input }: Extract<AssistantBlock, { readonly type: 'tool-call' }>,
  extras: Json | undefined,
): OpenAI.ChatCompletionMessageFunctionToolCall {
  // Servers read the arguments again to fill a template: what was no JSON object must go back as one.
  const sent = JSON.stringify(isJsonObject(input) ? input : { invalid_arguments: input });
  const extra = isJsonObject(extras) ? extras[id] : undefined;
  return { id, type: 'function', function: { name, arguments: sent }, ...(isJsonObject(extra) ? extra : {}) };
}
