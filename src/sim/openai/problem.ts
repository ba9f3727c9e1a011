import type { Json } from '../../core/index.ts';
import type { HttpAnswer, Refusal } from '../server/wire.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

/** An error as OpenAI tells it (OpenAI, "Error codes"). */
export interface Problem {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  /** Which parameter is wrong: `messages[0].content`. */
  readonly param: string | null;
  readonly message: string;
}

/** What a check gives: the value, or the error that is told instead. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** Wraps what passed a check. */
export function passed<T>(value: T): Checked<T> {
  return { ok: true, value };
}

/** Makes the failed check of a request that is wrong in itself. */
export function invalid(
  message: string,
  param: string | null = null,
  code: string | null = null,
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { status: 400, type: 'invalid_request_error', code, param, message } };
}

/** Refuses what the vendor can and the simulator cannot, in so many words. */
export function notSimulated(what: string, param: string): { readonly ok: false; readonly problem: Problem } {
  return invalid(`${what} is not simulated. Leave it out.`, param, 'not_simulated');
}

/** Refuses a model that is unknown or of the wrong kind. */
export function noSuchModel(name: string): { readonly ok: false; readonly problem: Problem } {
  const message = `The model \`${name}\` does not exist or you do not have access to it.`;
  const problem = { type: 'invalid_request_error', code: 'model_not_found', param: null, message };
  return { ok: false, problem: { status: 404, ...problem } };
}

/** Writes an error as the answer to a request. */
export function problemAnswer(
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer & { readonly type: 'whole' } {
  return { type: 'whole', status: problem.status, headers, body: { error: errorBody(problem) } };
}

/** The error itself, as it stands in bodies and in streams. */
export function errorBody({ message, type, param, code }: Problem): Json {
  return { message, type, param, code };
}

/** Where a refused generation came in: what the vendor's sentence names. */
export interface RefusedRequest {
  readonly model: string;
  readonly contextTokensMax: number;
  /** Where the prompt stands: `messages` or `input`. */
  readonly promptParam: string;
  readonly now: number;
}

/** Writes the simulator's refusal in the vendor's words, with its headers. */
export function refusalAnswer(refusal: Refusal, request: RefusedRequest): HttpAnswer {
  const wait = refusal.retryAfterS === null ? {} : { 'retry-after': String(Math.ceil(refusal.retryAfterS)) };
  return problemAnswer(refusalProblem(refusal, request), {
    ...wait,
    ...rateLimitHeaders(refusal.limits, request.now),
  });
}

function refusalProblem(refusal: Refusal, request: RefusedRequest): Problem {
  switch (refusal.code) {
    case 'bad-key':
      return badKey;
    case 'rate-limited':
      return rateLimited(refusal, request);
    case 'quota-exhausted':
      return quotaExhausted;
    case 'overloaded':
      return overloaded;
    case 'server-error':
    case 'hangs-up':
      return serverError;
    case 'context-overflow':
      return contextOverflow(refusal, request);
  }
}

/** Never repeats the key, not even masked as the vendor does. */
export const badKey: Problem = Object.freeze({
  status: 401,
  type: 'invalid_request_error',
  code: 'invalid_api_key',
  param: null,
  message:
    'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
});

/** Tells that a request came without a key. */
export const missingKey: Problem = Object.freeze({
  status: 401,
  type: 'invalid_request_error',
  code: null,
  param: null,
  message:
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
});

/** Tells that the provider has no room now; also in the middle of a stream. */
export const overloaded: Problem = Object.freeze({
  status: 503,
  type: 'service_unavailable_error',
  code: 'server_is_overloaded',
  param: null,
  message: 'Our servers are currently overloaded. Please try again later.',
});

const quotaExhausted: Problem = Object.freeze({
  status: 429,
  type: 'insufficient_quota',
  code: 'insufficient_quota',
  param: null,
  message: 'You exceeded your current quota, please check your plan and billing details.',
});

const serverError: Problem = Object.freeze({
  status: 500,
  type: 'server_error',
  code: null,
  param: null,
  message: 'The server had an error while processing your request. Sorry about that!',
});

function rateLimited({ said, retryAfterS }: Refusal, { model }: RefusedRequest): Problem {
  const wait = retryAfterS === null ? 'later' : `in ${retryAfterS}s`;
  return {
    status: 429,
    type: /request/.test(said) ? 'requests' : 'tokens',
    code: 'rate_limit_exceeded',
    param: null,
    message: `Rate limit reached for ${model} in organization org-simulated on ${said}. Please try again ${wait}. Visit https://platform.openai.com/account/rate-limits to learn more.`,
  };
}

function contextOverflow({ promptTokens }: Refusal, request: RefusedRequest): Problem {
  const { contextTokensMax, promptParam } = request;
  return {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: promptParam,
    message: `This model's maximum context length is ${contextTokensMax} tokens. However, your ${promptParam} resulted in ${promptTokens} tokens. Please reduce the length of the ${promptParam}.`,
  };
}
