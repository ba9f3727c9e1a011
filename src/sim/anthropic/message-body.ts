import { z } from 'zod';
import { integer } from './read-shape.ts';

const cacheControl = z.strictObject({
  type: z.literal('ephemeral'),
  ttl: z.enum(['5m', '1h']).nullish(),
});

const marked = { cache_control: cacheControl.nullish() };

const textBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  citations: z.array(z.looseObject({})).nullish(),
  ...marked,
});

const mediaTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

const imageBlock = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('base64'), media_type: z.enum(mediaTypes), data: z.string() }),
    z.strictObject({ type: z.literal('url'), url: z.string() }),
    z.strictObject({ type: z.literal('file'), file_id: z.string() }),
  ]),
  transformations: z.looseObject({}).nullish(),
  ...marked,
});

const documentBlock = z.strictObject({
  type: z.literal('document'),
  source: z.looseObject({ type: z.enum(['text', 'base64', 'content', 'url', 'file']) }),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: z.looseObject({}).nullish(),
  ...marked,
});

const searchResultBlock = z.strictObject({
  type: z.literal('search_result'),
  source: z.string(),
  title: z.string(),
  content: z.array(textBlock),
  citations: z.looseObject({}).nullish(),
  ...marked,
});

const thinkingBlock = z.strictObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string(),
});

const redactedThinkingBlock = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });

const callId = z.string().regex(/^[a-zA-Z0-9_-]+$/);

const toolUseBlock = z.strictObject({
  type: z.literal('tool_use'),
  id: callId,
  name: z.string().min(1).max(200),
  input: z.looseObject({}),
  caller: z.looseObject({}).nullish(),
  toolset_name: z.string().nullish(),
  ...marked,
});

const toolResultBlock = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: callId,
  content: z
    .union([
      z.string(),
      z.array(z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, searchResultBlock])),
    ])
    .nullish(),
  is_error: z.boolean().nullish(),
  toolset_name: z.string().nullish(),
  ...marked,
});

const contentBlock = z.discriminatedUnion('type', [
  textBlock,
  imageBlock,
  documentBlock,
  searchResultBlock,
  thinkingBlock,
  redactedThinkingBlock,
  toolUseBlock,
  toolResultBlock,
]);

const message = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(contentBlock)]),
});

const toolDefinition = z.strictObject({
  type: z.literal('custom').nullish(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().nullish(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().nullish(),
  defer_loading: z.boolean().nullish(),
  eager_input_streaming: z.boolean().nullish(),
  allowed_callers: z.array(z.string()).nullish(),
  input_examples: z.array(z.looseObject({})).nullish(),
  ...marked,
});

const parallelSwitch = { disable_parallel_tool_use: z.boolean().nullish() };

const toolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), ...parallelSwitch }),
  z.strictObject({ type: z.literal('any'), ...parallelSwitch }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallelSwitch }),
  z.strictObject({ type: z.literal('none') }),
]);

const display = z.enum(['summarized', 'omitted']).nullish();

/** The least a thinking budget may be (Anthropic, "Extended thinking"). */
const thinkingBudgetMin = 1024;

const thinking = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('adaptive'), display }),
  z.strictObject({
    type: z.literal('enabled'),
    budget_tokens: z.int(integer).min(thinkingBudgetMin),
    display,
  }),
  z.strictObject({ type: z.literal('disabled') }),
  z.strictObject({ type: z.literal('between_tools') }),
]);

const outputConfig = z.strictObject({
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  format: z.strictObject({ type: z.literal('json_schema'), schema: z.looseObject({}) }).nullish(),
});

/** What is read of a prompt: the whole body of a request to count tokens, and most of one to answer. */
const promptFields = {
  model: z.string().min(1),
  messages: z.array(message).min(1).max(100_000),
  system: z.union([z.string(), z.array(textBlock)]).nullish(),
  tools: z.array(toolDefinition).nullish(),
  tool_choice: toolChoice.nullish(),
  thinking: thinking.nullish(),
  output_config: outputConfig.nullish(),
  cache_control: cacheControl.nullish(),
  // Gone since the version of 2026-10-21; that is checked where the version is known.
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int(integer).min(0).nullish(),
};

/** Tells the shape of the body of `POST /v1/messages`. Fields nobody knows are refused, as the API does. */
export const messageBodySchema = z.strictObject({
  ...promptFields,
  max_tokens: z.int(integer).min(0),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string().min(1)).nullish(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).nullish(),
  service_tier: z.enum(['auto', 'standard_only']).nullish(),
  speed: z.enum(['standard', 'fast']).nullish(),
  inference_geo: z.string().nullish(),
  container: z.union([z.string(), z.looseObject({})]).nullish(),
  diagnostics: z.strictObject({ previous_message_id: z.string().nullish() }).nullish(),
  thread: z.looseObject({}).nullish(),
});

/** Tells the shape of the body of `POST /v1/messages/count_tokens`. */
export const countBodySchema = z.strictObject({
  ...promptFields,
  speed: z.enum(['standard', 'fast']).nullish(),
});

/** A request for a message: of the right shape, its content not yet judged. */
export type MessageBody = Readonly<z.infer<typeof messageBodySchema>>;

/** The part of a request that makes its prompt. */
export type PromptBody = Readonly<z.infer<typeof countBodySchema>>;

/** A tool as a client defines it. */
export type ToolBody = Readonly<z.infer<typeof toolDefinition>>;

/** One block of a message, or of the system prompt. */
export type ContentBlock = Readonly<z.infer<typeof contentBlock>>;

/** A cache breakpoint as a client writes it. */
export type CacheControl = Readonly<z.infer<typeof cacheControl>>;
