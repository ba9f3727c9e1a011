import { z } from 'zod';

/** JSON of any shape: it is the client's own. */
export const jsonObject = z.record(z.string(), z.json());

/** Names of functions and schemas. */
export const name = z
  .string()
  .regex(/^[a-zA-Z0-9_-]+$/)
  .max(64);

/** The mark on a content part that ends a prefix worth keeping. */
export const breakpoint = z.strictObject({
  mode: z.literal('explicit'),
  ttl: z.enum(['30m', '12h']).optional(),
});

/** Settings that Chat Completions and Responses have in common, under the same names. */
export const commonSettings = {
  model: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: z
    .strictObject({
      mode: z.enum(['implicit', 'explicit']).optional(),
      ttl: z.enum(['30m']).optional(),
      comparison_response_id: z.string().nullish(),
    })
    .optional(),
  prompt_cache_retention: z.enum(['in_memory', '24h']).nullish(),
  safety_identifier: z.string().max(128).nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast']).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().nullish(),
};

/** What the vendor knows and the simulator does not: told apart from what nobody knows. */
export function unsimulated<Name extends string>(names: readonly Name[]) {
  return Object.fromEntries(names.map((each) => [each, z.json().optional()])) as Record<
    Name,
    z.ZodOptional<ReturnType<typeof z.json>>
  >;
}

/** Those settings, checked. */
export type CommonSettings = z.infer<z.ZodObject<typeof commonSettings>>;

/** How hard to think. */
export const effortName = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

/** How long to speak. */
export const verbosityName = z.enum(['low', 'medium', 'high']);
