import type { CountTokens, ModelRequest } from '../../core/index.ts';
import { tokenFactor } from '../model-facts.ts';
import { requestTokens } from '../wire/request-tokens.ts';

/** Estimates the input of a request in the tokens of one model; meant to err high. */
export type CountRequest = (request: ModelRequest) => number;

/**
 * Makes the estimates of all models, for all jobs of a process.
 * Parts that a lane's requests share are counted once, so the next request costs as much as its newest message.
 */
export function createRequestCounter(countTokens: CountTokens): (modelId: string) => CountRequest {
  const counted = new WeakMap<object, number>();
  const empty = { lane: '', tools: [], system: [], messages: [], outputTokensMax: 0 } as const;

  function first(part: object, as: Partial<ModelRequest>): number {
    const tokens = requestTokens({ ...empty, ...as }, countTokens);
    counted.set(part, tokens);
    return tokens;
  }

  function count({ tools, system, messages, output }: ModelRequest): number {
    let tokens = counted.get(tools) ?? first(tools, { tools });
    tokens += counted.get(system) ?? first(system, { system });
    // A message with another mark is another object, but its blocks are the same.
    for (const message of messages)
      tokens += counted.get(message.blocks) ?? first(message.blocks, { messages: [message] });
    if (output !== undefined) tokens += counted.get(output) ?? first(output, { output });
    return tokens;
  }

  return (modelId) => {
    const factor = tokenFactor(modelId);
    return (request) => Math.ceil(count(request) * factor);
  };
}
