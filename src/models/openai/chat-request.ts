import type { OpenAI } from 'openai';
import type { Effort, ModelRequest, OutputSchema } from '../../core/index.ts';
import { effortsInOrder } from '../capabilities/capability.ts';
import { outputLimitsOf } from '../capabilities/output-limits.ts';
import { type ChatDialect, plainChat, providerOf } from '../providers.ts';
import { isStrict, outputInstruction, schemaName } from '../wire/output-schema.ts';
import { createChatMessages } from './chat-messages.ts';
import { createPrefixKeys } from './prefix-key.ts';
import { effortOf } from './thinking.ts';

/** Which model on which server is spoken to. */
export interface ChatTarget {
  readonly provider: string;
  /** Without the provider. */
  readonly model: string;
}

type Body = OpenAI.ChatCompletionCreateParamsStreaming;

/** Writes requests as Chat Completions takes them, for a stream. Equal requests give equal bytes. */
export function createChatBody({ provider, model }: ChatTarget): (request: ModelRequest) => Body {
  const dialect = { ...plainChat, ...providerOf(provider)?.chat };
  const id = `${provider}/${model}`;
  const messages = createChatMessages({ provider, model, cacheMarks: dialect.cacheMarks });
  const tools = createToolParams();
  const keyOf = createPrefixKeys();
  return (request) => {
    const { output } = request;
    const inWords = output !== undefined && !holdsToSchema(request, dialect);
    return {
      model,
      [dialect.outputLimit]: outputLimitsOf(request, id).tokensMax,
      stream: true,
      ...(dialect.asksForUsage ? { stream_options: { include_usage: true } } : {}),
      ...(dialect.cacheKey ? { prompt_cache_key: keyOf(request) } : {}),
      ...(request.tools.length === 0 ? {} : { tools: tools(request.tools) }),
      messages: messages(request, inWords ? outputInstruction(output) : null),
      ...thinkingParams(request, id, dialect),
      ...(output === undefined || inWords ? {} : { response_format: responseFormat(output) }),
    };
  };
}

function createToolParams(): (tools: ModelRequest['tools']) => OpenAI.ChatCompletionTool[] {
  const written = new WeakMap<ModelRequest['tools'], OpenAI.ChatCompletionTool[]>();
  return (tools) => {
    const params = written.get(tools) ?? tools.map(toolParam);
    written.set(tools, params);
    return params;
  };
}

function toolParam({ name, purpose, inputSchema }: ModelRequest['tools'][number]): OpenAI.ChatCompletionTool {
  return { type: 'function', function: { name, description: purpose, parameters: { ...inputSchema } } };
}

function holdsToSchema({ tools }: ModelRequest, { schemas }: ChatDialect): boolean {
  return schemas === 'always' || (schemas === 'without-tools' && tools.length === 0);
}

function responseFormat(output: OutputSchema): OpenAI.ResponseFormatJSONSchema {
  const strict = isStrict(output.schema);
  return {
    type: 'json_schema',
    json_schema: { name: schemaName(output), schema: { ...output.schema }, strict },
  };
}

/** What only some servers know of thinking, beside the SDK's own fields. */
interface ThinkingParams {
  readonly reasoning_effort?: Effort | 'none';
  /** vLLM, SGLang, llama.cpp: said to the model's template. */
  readonly chat_template_kwargs?: { readonly enable_thinking: false };
  readonly extra_body?: {
    readonly google: { readonly thinking_config: { readonly thinking_budget: number } };
  };
  /** OpenRouter. It takes either an effort or a budget. */
  readonly reasoning?: { readonly enabled: false } | { readonly max_tokens: number };
}

function thinkingParams(request: ModelRequest, id: string, dialect: ChatDialect): ThinkingParams {
  const effort = effortOf(request, id);
  const budget = outputLimitsOf(request, id).thinkingTokensMax;
  if (effort === 'none') return silence[dialect.thinking ?? 'unsaid'];
  if (budget !== null && dialect.thinking === 'openrouter') return { reasoning: { max_tokens: budget } };
  if (budget !== null && dialect.thinking === 'google')
    return { extra_body: { google: { thinking_config: { thinking_budget: budget } } } };
  const known = effort === undefined ? undefined : nearestOf(dialect.efforts, effort);
  return known === undefined ? {} : { reasoning_effort: known };
}

const silence: Readonly<Record<NonNullable<ChatDialect['thinking']> | 'unsaid', ThinkingParams>> =
  Object.freeze({
    'effort-none': { reasoning_effort: 'none' },
    google: { reasoning_effort: 'none' },
    openrouter: { reasoning: { enabled: false } },
    template: { chat_template_kwargs: { enable_thinking: false } },
    unsaid: {},
  });

/** The next lower effort that a server knows, else its lowest. */
function nearestOf(known: readonly Effort[], effort: Effort): Effort | undefined {
  const place = effortsInOrder.indexOf(effort);
  return known.findLast((each) => effortsInOrder.indexOf(each) <= place) ?? known[0];
}
