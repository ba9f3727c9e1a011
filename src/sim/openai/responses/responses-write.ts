import { type Json, totalInputTokens, totalOutputTokens, type Usage } from '../../../core/index.ts';
import type { Asked } from '../../server/wire.ts';
import type { ResponsesBody } from './responses-body.ts';
import type { OutputItem } from './responses-items.ts';

/** What a response says about itself beside its content. */
export interface ResponseFacts {
  readonly id: string;
  readonly createdS: number;
  readonly model: string;
  readonly tier: Asked['tier'];
  readonly body: ResponsesBody;
}

/** How far a response is. */
export type ResponseState =
  | { readonly status: 'in_progress' }
  | {
      readonly status: 'completed' | 'incomplete';
      readonly output: readonly OutputItem[];
      readonly usage: Usage;
    }
  | { readonly status: 'failed'; readonly code: string; readonly message: string };

/** Writes a response: what was asked comes back with what was answered. */
export function responseObject(
  facts: ResponseFacts,
  state: ResponseState,
): { readonly [name: string]: Json } {
  const { id, createdS, model, tier, body } = facts;
  const isEnded = state.status === 'completed' || state.status === 'incomplete';
  return {
    id,
    object: 'response',
    created_at: createdS,
    status: state.status,
    background: false,
    completed_at: state.status === 'completed' ? createdS : null,
    error: state.status === 'failed' ? { code: state.code, message: state.message } : null,
    incomplete_details: state.status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model,
    output: isEnded ? (state.output as unknown as Json) : [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    ...cacheEcho(body),
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: tier === 'standard' ? 'default' : tier,
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: {
      format: body.text?.format ?? { type: 'text' },
      verbosity: body.text?.verbosity ?? 'medium',
    } as Json,
    tool_choice: (body.tool_choice ?? 'auto') as Json,
    tools: (body.tools ?? []) as unknown as Json,
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: isEnded ? responseUsage(state.usage) : null,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  };
}

/** The options that were applied; a comparison is always said to be unavailable, as the vendor may say. */
function cacheEcho({ prompt_cache_options: options }: ResponsesBody): { readonly [name: string]: Json } {
  const compared = options?.comparison_response_id ?? null;
  const applied = { mode: options?.mode ?? 'implicit', ttl: options?.ttl ?? '30m' };
  if (compared === null) return { prompt_cache_options: applied };
  return {
    prompt_cache_options: { ...applied, comparison_response_id: compared },
    prompt_cache_diagnostics: { type: 'unavailable' },
  };
}

/** Writes usage as this wire counts it: cached, written and reasoning tokens stand inside the totals. */
function responseUsage(usage: Usage): Json {
  const input = totalInputTokens(usage);
  const output = totalOutputTokens(usage);
  const written = { ttl_30m_tokens: usage.cacheWrite5mTokens, ttl_12h_tokens: usage.cacheWrite1hTokens };
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
      cache_write_tokens_details: written,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: input + output,
  };
}
