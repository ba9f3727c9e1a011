import { z } from 'zod';
import { noUsage } from '../../core/index.ts';
import { embedText } from '../openai/embeddings/embed-text.ts';
import { checkBody } from '../openai/request/check-body.ts';
import type { Endpoint, HttpAnswer, HttpCall, Simulation } from '../server/wire.ts';
import { errorAnswer, named } from './ollama-error.ts';

/** The length of the vectors of `nomic-embed-text`, the embedding model most have installed. */
const dimensionsUsual = 768;

const embedBody = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  truncate: z.boolean().nullish(),
  dimensions: z.int().min(1).nullish(),
});

/** Makes `POST /api/embed`. Its vectors are hashed from words: see `embedText`. */
export function embedEndpoint(simulation: Simulation): Endpoint {
  return {
    method: 'POST',
    path: '/api/embed',
    answer: async (call) => answerEmbed(call, simulation),
  };
}

function answerEmbed(call: HttpCall, simulation: Simulation): HttpAnswer {
  const found = named(call, simulation);
  if (!found.ok) return found.told;
  const checked = checkBody(embedBody, found.body);
  if (!checked.ok) return errorAnswer(400, checked.problem.message);
  const { input, truncate, dimensions } = checked.value;
  const { contextTokensMax } = found.model;
  const texts = typeof input === 'string' ? [input] : input;
  const counts = texts.map((text) => simulation.countTokens(text));
  if (truncate === false && counts.some((count) => count > contextTokensMax))
    return errorAnswer(400, 'the input length exceeds the context length');
  const tokens = counts.reduce((sum, count) => sum + Math.min(count, contextTokensMax), 0);
  const usage = { ...noUsage, inputTokens: tokens };
  simulation.bill({ model: found.model, key: 'ollama', usage, batch: false });
  const embeddings = texts.map((text, index) => {
    const share = Math.min(1, contextTokensMax / Math.max(1, counts[index] ?? 1));
    return [...embedText(text.slice(0, Math.floor(text.length * share)), dimensions ?? dimensionsUsual)];
  });
  const body = {
    model: found.model.name,
    embeddings,
    total_duration: 1,
    load_duration: 0,
    prompt_eval_count: tokens,
  };
  return { type: 'whole', status: 200, headers: {}, body };
}
