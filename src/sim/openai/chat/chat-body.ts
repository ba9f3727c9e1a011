import { z } from 'zod';
import {
  breakpoint,
  commonSettings,
  effortName,
  jsonObject,
  name,
  unsimulated,
  verbosityName,
} from '../request/common-body.ts';

const textPart = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  prompt_cache_breakpoint: breakpoint.nullish(),
});

const refusalPart = z.strictObject({ type: z.literal('refusal'), refusal: z.string() });

const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: z.string(), detail: z.enum(['auto', 'low', 'high']).optional() }),
  prompt_cache_breakpoint: breakpoint.nullish(),
});

const instructions = {
  content: z.union([z.string(), z.array(textPart).min(1)]),
  name: z.string().optional(),
};

const toolCall = z.looseObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('developer'), ...instructions }),
  z.strictObject({ role: z.literal('system'), ...instructions }),
  z.strictObject({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart])).min(1)]),
    name: z.string().optional(),
  }),
  // Replies come back as clients keep them, with fields of their own.
  z.looseObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart]))]).nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(toolCall).min(1).nullish(),
    /** Ollama, vLLM: the thinking that led to the calls. */
    reasoning: z.string().nullish(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    tool_call_id: z.string(),
    content: z.union([z.string(), z.array(textPart).min(1)]),
  }),
]);

const namedFunction = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({ name: z.string() }),
});

/** The most functions of one request (OpenAI, "Create chat completion"). */
const toolsMax = 128;

/** The most stop sequences (same page). */
const stopsMax = 4;

/** What Chat Completions knows and the simulator does not. */
export const chatUnsimulated = [
  'audio',
  'function_call',
  'functions',
  'moderation',
  'prediction',
  'web_search_options',
] as const;

/** What `POST /v1/chat/completions` takes (OpenAI, "Create chat completion"), as far as it is simulated. */
export const chatBody = z.strictObject({
  ...commonSettings,
  ...unsimulated(chatUnsimulated),
  messages: z.array(message).min(1),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.boolean().nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  modalities: z.array(z.enum(['text', 'audio'])).nullish(),
  n: z.int().min(1).max(128).nullish(),
  reasoning_effort: effortName.nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({ type: z.literal('json_object') }),
      z.strictObject({
        type: z.literal('json_schema'),
        json_schema: z.strictObject({
          name,
          description: z.string().optional(),
          schema: jsonObject.optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    ])
    .optional(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(stopsMax)]).nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.discriminatedUnion('type', [
        namedFunction,
        z.strictObject({
          type: z.literal('allowed_tools'),
          allowed_tools: z.strictObject({
            mode: z.enum(['auto', 'required']),
            tools: z.array(namedFunction),
          }),
        }),
      ]),
    ])
    .optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name,
          description: z.string().optional(),
          parameters: jsonObject.optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    )
    .max(toolsMax)
    .optional(),
  verbosity: verbosityName.nullish(),
});

/** A body that passed the check. */
export type ChatBody = z.infer<typeof chatBody>;

/** One message of it. */
export type ChatMessage = ChatBody['messages'][number];
