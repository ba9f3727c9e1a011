import { z } from 'zod';

const jsonObject = z.record(z.string(), z.json());

const message = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().nullish(),
  thinking: z.string().nullish(),
  /** Base64, without a media type. */
  images: z.array(z.string()).nullish(),
  tool_calls: z
    .array(
      z.looseObject({
        id: z.string().optional(),
        function: z.looseObject({ name: z.string(), arguments: jsonObject.nullish() }),
      }),
    )
    .nullish(),
  tool_name: z.string().nullish(),
  tool_call_id: z.string().nullish(),
});

/** What `POST /api/chat` takes (Ollama, "API"); what it does not know it overlooks, as the server does. */
export const chatBody = z.looseObject({
  model: z.string(),
  messages: z.array(message).nullish(),
  stream: z.boolean().nullish(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high', 'max'])]).nullish(),
  format: z.union([z.enum(['', 'json']), jsonObject]).nullish(),
  options: z.looseObject({ num_ctx: z.int().nullish(), num_predict: z.int().nullish() }).nullish(),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({
          name: z.string(),
          description: z.string().nullish(),
          parameters: jsonObject.nullish(),
        }),
      }),
    )
    .nullish(),
});

/** A body that passed the check. */
export type ChatBody = z.infer<typeof chatBody>;

/** One message of it. */
export type ChatMessage = NonNullable<ChatBody['messages']>[number];
