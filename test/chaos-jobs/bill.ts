import { noUsage, type Usage } from '../../src/core/index.ts';
import { costMicroUsd, priceOf } from '../../src/models/index.ts';

/** The model that answers in every job. */
export const model = 'anthropic/claude-sonnet-5';

/** What a whole answer on Anthropic's wire costs by the usage it told last, in micro-USD; null where it told none. */
export function costTold(answer: string): number | null {
  let told: Partial<Record<string, unknown>> = {};
  for (const line of answer.split('\n')) {
    if (!line.startsWith('data:')) continue;
    const event = JSON.parse(line.slice('data:'.length)) as {
      readonly message?: { readonly usage?: object };
      readonly usage?: object;
    };
    told = { ...told, ...event.message?.usage, ...event.usage };
  }
  const price = priceOf(model);
  if (told['output_tokens'] === undefined || price === null) return null;
  return costMicroUsd(price, usageOf(told));
}

function usageOf(told: Partial<Record<string, unknown>>): Usage {
  const written = (told['cache_creation'] ?? {}) as Partial<Record<string, unknown>>;
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return {
    ...noUsage,
    inputTokens: count(told['input_tokens']),
    cacheReadTokens: count(told['cache_read_input_tokens']),
    cacheWrite5mTokens: count(written['ephemeral_5m_input_tokens']),
    cacheWrite1hTokens: count(written['ephemeral_1h_input_tokens']),
    outputTokens: count(told['output_tokens']),
  };
}
