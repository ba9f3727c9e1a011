import { z } from 'zod';
import { noUsage } from '../../../core/index.ts';
import type { Endpoint, HttpAnswer, HttpCall, SimModel, Simulation } from '../../server/wire.ts';
import { admit, answerHeaders } from '../ask.ts';
import { type Checked, invalid, noSuchModel, passed, problemAnswer } from '../problem.ts';
import { checkBody } from '../request/check-body.ts';
import { isEmbeddingModel } from '../request/settings.ts';
import { embedText, embedWords } from './embed-text.ts';

/** Inputs of one request, and the tokens of all of them (OpenAI, "Create embeddings"). */
const inputsMax = 2048;
const requestTokensMax = 300_000;

/** Lengths of the vendor's vectors (OpenAI, "Vector embeddings"). */
const dimensionsUsual = 1536;
const dimensionsLarge = 3072;

const tokenList = z.array(z.int().min(0)).min(1);
const embeddingsBody = z.strictObject({
  model: z.string(),
  input: z.union([
    z.string(),
    z.array(z.string()).min(1).max(inputsMax),
    tokenList.max(inputsMax),
    z.array(tokenList).min(1).max(inputsMax),
  ]),
  dimensions: z.int().min(1).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  user: z.string().optional(),
});

type EmbeddingsBody = z.infer<typeof embeddingsBody>;

/** Makes `POST /v1/embeddings`. Its vectors are hashed from words: see `embedText`. */
export function embeddingsEndpoint(simulation: Simulation): Endpoint {
  return {
    method: 'POST',
    path: '/v1/embeddings',
    answer: async (call) => answerEmbeddings(call, simulation),
  };
}

function answerEmbeddings(call: HttpCall, simulation: Simulation): HttpAnswer {
  const admitted = admit(call, simulation);
  if (!admitted.ok) return admitted.told;
  const { key, body } = admitted.value;
  const checked = checkBody(embeddingsBody, body);
  if (!checked.ok) return problemAnswer(checked.problem);
  const model = embeddingModel(checked.value.model, simulation);
  if (!model.ok) return problemAnswer(model.problem);
  const inputs = inputsOf(checked.value, model.value, simulation);
  if (!inputs.ok) return problemAnswer(inputs.problem);
  const dimensions = dimensionsOf(checked.value);
  if (!dimensions.ok) return problemAnswer(dimensions.problem);
  const tokens = inputs.value.reduce((sum, input) => sum + input.tokens, 0);
  simulation.bill({ model: model.value, key, usage: { ...noUsage, inputTokens: tokens }, batch: false });
  const data = inputs.value.map(({ vectorOf }, index) => {
    const vector = vectorOf(dimensions.value);
    const embedding = checked.value.encoding_format === 'base64' ? base64Of(vector) : [...vector];
    return { object: 'embedding', index, embedding };
  });
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  const headers = answerHeaders(simulation.newId('req_'));
  return {
    type: 'whole',
    status: 200,
    headers,
    body: { object: 'list', data, model: checked.value.model, usage },
  };
}

function embeddingModel(name: string, simulation: Simulation): Checked<SimModel> {
  const model = simulation.findModel('openai', name);
  if (model === null) return noSuchModel(name);
  if (isEmbeddingModel(name)) return passed(model);
  const message = 'You are not allowed to generate embeddings from this model';
  const problem = { status: 403, type: 'invalid_request_error', code: null, param: null, message };
  return { ok: false, problem };
}

/** Something to embed: what it is billed as, and its vector. */
interface EmbeddingInput {
  readonly tokens: number;
  vectorOf(dimensions: number): Float32Array;
}

function inputsOf(
  { input }: EmbeddingsBody,
  { contextTokensMax }: SimModel,
  simulation: Simulation,
): Checked<readonly EmbeddingInput[]> {
  const inputs = listOf(input).map((each) => inputOf(each, simulation));
  const long = inputs.find(({ tokens }) => tokens > contextTokensMax);
  if (long !== undefined) {
    const message = `This model's maximum context length is ${contextTokensMax} tokens, however you requested ${long.tokens} tokens. Please reduce your prompt.`;
    return invalid(message, 'input', 'context_length_exceeded');
  }
  if (inputs.some(({ tokens }) => tokens === 0)) return invalid("'$.input' is invalid.", 'input');
  const total = inputs.reduce((sum, { tokens }) => sum + tokens, 0);
  if (total <= requestTokensMax) return passed(inputs);
  const message = `Requested ${total} tokens, max ${requestTokensMax} tokens per request`;
  return invalid(message, 'input', 'max_tokens_per_request');
}

function listOf(input: EmbeddingsBody['input']): readonly (string | readonly number[])[] {
  if (typeof input === 'string') return [input];
  const isTokens = (list: typeof input): list is number[] => typeof list[0] === 'number';
  return isTokens(input) ? [input] : input;
}

/** Texts that come as token numbers are words as well, of a language of their own. */
function inputOf(input: string | readonly number[], simulation: Simulation): EmbeddingInput {
  if (typeof input === 'string') {
    return {
      tokens: simulation.countTokens(input),
      vectorOf: (dimensions) => embedText(input, dimensions),
    };
  }
  return {
    tokens: input.length,
    vectorOf: (dimensions) => embedWords(input.map(String), dimensions),
  };
}

function dimensionsOf({ model, dimensions }: EmbeddingsBody): Checked<number> {
  const most = model.startsWith('text-embedding-3-large') ? dimensionsLarge : dimensionsUsual;
  if (dimensions === null || dimensions === undefined) return passed(most);
  if (model.startsWith('text-embedding-ada'))
    return invalid('This model does not support specifying dimensions.', 'dimensions');
  if (dimensions <= most) return passed(dimensions);
  const message = `Invalid value for 'dimensions' = ${dimensions}. Must be less than or equal to ${most}.`;
  return invalid(message, 'dimensions', 'invalid_value');
}

/** Floats of 32 bits, the lowest byte first, as every client decodes them. */
function base64Of(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * Float32Array.BYTES_PER_ELEMENT));
  for (const [index, value] of vector.entries())
    bytes.setFloat32(index * Float32Array.BYTES_PER_ELEMENT, value, true);
  return Buffer.from(bytes.buffer).toString('base64');
}
