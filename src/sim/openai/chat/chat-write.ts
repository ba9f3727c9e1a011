import { type Json, totalInputTokens, totalOutputTokens, type Usage } from '../../../core/index.ts';
import type { Answer, Asked, Frame, SimModel } from '../../server/wire.ts';
import { type Draft, dataEvent, framesOf, streamPieces, type Told, toldOf } from '../answer-text.ts';
import { errorBody, overloaded } from '../problem.ts';

/** What an answer says about itself beside its content. */
export interface ChatFacts {
  readonly id: string;
  readonly createdS: number;
  readonly model: SimModel;
  readonly tier: Asked['tier'];
}

/** Writes an answer as one Chat Completion. */
export function chatCompletion(answer: Answer, facts: ChatFacts): Json {
  const told = toldOf(answer);
  const message = {
    role: 'assistant',
    content: told.text === '' ? null : told.text,
    refusal: told.refusal,
    ...reasoning(told, facts.model),
    annotations: [],
    ...(told.calls.length === 0 ? {} : { tool_calls: told.calls.map(wireCall) }),
  };
  return {
    ...heading(facts, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer) }],
    usage: chatUsage(answer.usage, facts.model),
  };
}

/** Writes an answer as a stream of chunks. Only who asks for usage is told it, in a chunk of its own. */
export function chatFrames(answer: Answer, facts: ChatFacts, includesUsage: boolean): readonly Frame[] {
  const told = toldOf(answer);
  const head = { ...heading(facts, 'chat.completion.chunk') };
  const rest = includesUsage ? { usage: null } : {};
  const chunk = (delta: Json, finish: string | null = null): string => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    return dataEvent({ ...head, choices, ...rest });
  };
  const output = (delta: Json): Draft => ({ text: chunk(delta), carries: 'output' });
  const framing = (text: string): Draft => ({ text, carries: 'framing' });
  const usage = dataEvent({ ...head, choices: [], usage: chatUsage(answer.usage, facts.model) });
  return framesOf(
    [
      framing(chunk({ role: 'assistant', content: told.calls.length > 0 ? null : '', refusal: null })),
      ...(facts.model.provider === 'ollama' ? streamPieces(told.thinking) : []).map((piece) =>
        output({ reasoning: piece }),
      ),
      ...streamPieces(told.text).map((content) => output({ content })),
      ...streamPieces(told.refusal ?? '').map((refusal) => output({ refusal })),
      ...told.calls.flatMap((call, index) => [
        framing(chunk({ tool_calls: [{ index, ...wireCall({ ...call, argumentsText: '' }) }] })),
        ...streamPieces(call.argumentsText).map((piece) =>
          output({ tool_calls: [{ index, function: { arguments: piece } }] }),
        ),
      ]),
      framing(chunk({}, finishReason(answer))),
      ...(includesUsage ? [{ text: usage, carries: 'usage' } as const] : []),
      // Who does not ask for usage pays all the same: its account is closed by the last word.
      { text: 'data: [DONE]\n\n', carries: includesUsage ? 'framing' : 'usage' },
    ],
    answer,
  );
}

/** Told in a stream whose provider breaks down. */
export const brokenChatFrame: Frame = Object.freeze({
  text: dataEvent({ error: errorBody(overloaded) }),
  tokens: 0,
});

/** Writes usage as this wire counts it: cached, written and reasoning tokens stand inside the totals. */
export function chatUsage(usage: Usage, { provider }: SimModel): { readonly [name: string]: Json } {
  const prompt = totalInputTokens(usage);
  const completion = totalOutputTokens(usage);
  const totals = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  // Ollama counts nothing else on this wire.
  if (provider === 'ollama') return totals;
  return {
    ...totals,
    prompt_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function heading(
  { id, createdS, model, tier }: ChatFacts,
  object: string,
): { readonly [name: string]: Json } {
  const service = model.provider === 'openai' ? { service_tier: tier === 'standard' ? 'default' : tier } : {};
  return { id, object, created: createdS, model: model.name, ...service, system_fingerprint: 'fp_simulated' };
}

/** OpenAI counts its thinking and keeps it; Ollama shows it. */
function reasoning({ thinking }: Told, { provider }: SimModel): { readonly [name: string]: Json } {
  return provider === 'ollama' && thinking !== '' ? { reasoning: thinking } : {};
}

function wireCall({ id, name, argumentsText }: Told['calls'][number]) {
  return { id, type: 'function', function: { name, arguments: argumentsText } };
}

function finishReason({ reply }: Answer): string {
  switch (reply.stop) {
    case 'tool-calls':
      return 'tool_calls';
    case 'output-limit':
    case 'context-full':
      return 'length';
    case 'done':
    case 'refused':
      return 'stop';
  }
}
