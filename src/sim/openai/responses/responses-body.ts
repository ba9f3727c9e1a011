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

const inputText = z.looseObject({
  type: z.literal('input_text'),
  text: z.string(),
  prompt_cache_breakpoint: breakpoint.nullish(),
});

const inputImage = z.looseObject({
  type: z.literal('input_image'),
  image_url: z.string(),
  prompt_cache_breakpoint: breakpoint.nullish(),
});

const outputText = z.looseObject({ type: z.literal('output_text'), text: z.string() });
const refusal = z.looseObject({ type: z.literal('refusal'), refusal: z.string() });

// What a response gave comes back as the client keeps it, with fields of its own: items are loose.
const message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([
    z.string(),
    z.array(z.discriminatedUnion('type', [inputText, inputImage, outputText, refusal])),
  ]),
});

const functionCall = z.looseObject({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});

const functionCallOutput = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: z.union([z.string(), z.array(z.discriminatedUnion('type', [inputText]))]),
});

const reasoning = z.looseObject({
  type: z.literal('reasoning'),
  id: z.string(),
  summary: z.array(z.looseObject({ type: z.literal('summary_text'), text: z.string() })),
  encrypted_content: z.string().nullish(),
});

const itemReference = z.looseObject({ type: z.literal('item_reference'), id: z.string() });

const includable = z.enum([
  'code_interpreter_call.outputs',
  'computer_call_output.output.image_url',
  'file_search_call.results',
  'message.input_image.image_url',
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'web_search_call.action.sources',
  'web_search_call.results',
]);

const namedFunction = z.strictObject({ type: z.literal('function'), name: z.string() });

/** The least an answer may be limited to (OpenAI, "Create a model response"). */
const outputTokensMin = 16;

/** What Responses knows and the simulator does not. */
export const responsesUnsimulated = [
  'access_programs',
  'background',
  'context_management',
  'conversation',
  'image',
  'moderation',
  'prompt',
] as const;

/** What `POST /v1/responses` takes (OpenAI, "Create a model response"), as far as it is simulated. */
export const responsesBody = z.strictObject({
  ...commonSettings,
  ...unsimulated(responsesUnsimulated),
  prompt_cache_options: z
    .strictObject({
      ...commonSettings.prompt_cache_options.unwrap().shape,
      ttl: z.enum(['30m', '12h']).optional(),
      prewarm: z.boolean().optional(),
    })
    .optional(),
  include: z.array(includable).nullish(),
  input: z.union([
    z.string(),
    z.array(
      z.discriminatedUnion('type', [message, functionCall, functionCallOutput, reasoning, itemReference]),
    ),
  ]),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(outputTokensMin).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  previous_response_id: z.string().nullish(),
  reasoning: z
    .strictObject({
      context: z.enum(['auto', 'current_turn', 'all_turns']).nullish(),
      effort: effortName.nullish(),
      generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
      mode: z.enum(['standard', 'pro']).optional(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  text: z
    .strictObject({
      format: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('text') }),
          z.strictObject({ type: z.literal('json_object') }),
          z.strictObject({
            type: z.literal('json_schema'),
            name,
            description: z.string().optional(),
            schema: jsonObject,
            strict: z.boolean().nullish(),
          }),
        ])
        .optional(),
      verbosity: verbosityName.nullish(),
    })
    .optional(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.discriminatedUnion('type', [
        namedFunction,
        z.strictObject({
          type: z.literal('allowed_tools'),
          mode: z.enum(['auto', 'required']),
          tools: z.array(namedFunction),
        }),
      ]),
    ])
    .optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        name,
        description: z.string().nullish(),
        parameters: jsonObject.nullish(),
        strict: z.boolean().nullish(),
      }),
    )
    .optional(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
});

/** A body that passed the check. */
export type ResponsesBody = z.infer<typeof responsesBody>;

/** One item of its input; what a response gave is taken back as it is. */
export type InputItem = Exclude<ResponsesBody['input'], string>[number];

/** What `POST /v1/responses/input_tokens` takes: the same prompt. */
export const countBody = responsesBody.pick({
  model: true,
  input: true,
  instructions: true,
  parallel_tool_calls: true,
  previous_response_id: true,
  reasoning: true,
  text: true,
  tool_choice: true,
  tools: true,
  truncation: true,
});
