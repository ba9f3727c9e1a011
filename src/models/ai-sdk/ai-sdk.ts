import {
  type CountTokens,
  type Failure,
  isJsonObject,
  type Model,
  type ModelRequest,
  ok,
  type Reply,
  type Result,
  sideOf,
  type Usage,
} from '../../core/index.ts';
import { loadOnce } from '../load-once.ts';
import { contextTokensMaxOf } from '../model-facts.ts';
import { keyVariableOf } from '../providers.ts';
import { createTokenCounter } from '../token-counter.ts';
import { type CallUse, type OpenedStream, type ProviderCall, providerEvents } from '../wire/provider-call.ts';
import { cutStream, type ProviderAccount, providerFailure } from '../wire/provider-failure.ts';
import { anthropicLimits, openaiLimits } from '../wire/rate-limits.ts';
import { estimatedUsage } from '../wire/request-tokens.ts';
import { callOptions, type ProviderOptions } from './call-options.ts';
import type { LanguageModel, StreamPart } from './language-model.ts';
import { createStreamReply } from './stream-reply.ts';

/** What may be said of a model of the AI SDK beside the model itself. */
export interface AiSdkOptions {
  /** The name for traces, prices and budgets. Default: the provider's first word and the model's name. */
  readonly id?: string;
  /** The largest request plus reply it takes, in tokens. Default: what is known of the id. */
  readonly contextTokensMax?: number;
  /** Settings by provider, said with every call. */
  readonly providerOptions?: ProviderOptions;
}

/** Makes a model of any language model of the AI SDK, `ai` 6 and 7. */
export function aiSdkModel(languageModel: LanguageModel, options: AiSdkOptions = {}): Model {
  const provider = languageModel.provider.split('.')[0] ?? languageModel.provider;
  const id = options.id ?? `${provider}/${languageModel.modelId}`;
  const account = { provider, id, keyVariable: keyVariableOf(provider), apiKey: undefined, baseUrl: '' };
  const counter = loadOnce(id, createTokenCounter);
  return {
    id,
    contextTokensMax: options.contextTokensMax ?? contextTokensMaxOf(id),
    stream: (request, signal) =>
      providerEvents(async () => {
        const countTokens = await counter();
        if (!countTokens.ok) return countTokens;
        return ok(streamCall({ languageModel, options, account, request, countTokens: countTokens.value }));
      }, signal),
  };
}

interface Asked {
  readonly languageModel: LanguageModel;
  readonly options: AiSdkOptions;
  readonly account: ProviderAccount;
  readonly request: ModelRequest;
  readonly countTokens: CountTokens;
}

function streamCall(asked: Asked): ProviderCall<StreamPart> {
  const { account, request } = asked;
  const opaqueName = `ai-sdk:${asked.languageModel.provider}`;
  const answer = createStreamReply(opaqueName);
  const estimated = (): Usage => estimatedUsage(request, answer.said(), asked.countTokens);
  let hasBegun = false;

  function finish(requestId: string | null): Result<Reply> {
    if (answer.hasFailed()) return { ok: false, failure: cutStream(account, 'the provider says so') };
    if (!answer.isFinished()) return { ok: false, failure: cutStream(account) };
    return ok(answer.reply({ model: account.id, usage: answer.usage() ?? estimated() }, requestId));
  }

  function used(isTaken: boolean): CallUse {
    const usage = answer.usage();
    if (usage !== null) return { usage };
    return isTaken ? { estimate: estimated() } : {};
  }

  return {
    open: ({ signal }) => openStream(asked, opaqueName, signal),
    accept(part) {
      hasBegun = true;
      return answer.accept(part);
    },
    isComplete: answer.isFinished,
    finish,
    failureOf: (error) => failureOf(error, account, hasBegun),
    limitsOf: (headers) => anthropicLimits(headers) ?? openaiLimits(headers),
    used,
  };
}

async function openStream(
  { languageModel, options, account, request }: Asked,
  opaqueName: string,
  signal: AbortSignal,
): Promise<OpenedStream<StreamPart>> {
  const target = {
    languageModel,
    id: account.id,
    opaqueName,
    providerOptions: options.providerOptions ?? {},
  };
  const asked = { ...callOptions(request, target), abortSignal: signal };
  try {
    const { stream, response } = await languageModel.doStream(asked);
    const headers = new Headers(response?.headers);
    const requestId = headers.get('request-id') ?? headers.get('x-request-id');
    return { chunks: partsOf(stream), headers, requestId };
  } catch (error) {
    throw refusalFrom(error);
  }
}

/** Errors come as parts here; as rejections they take the way of all errors. */
async function* partsOf(stream: ReadableStream<StreamPart>): AsyncGenerator<StreamPart> {
  for await (const part of stream) {
    if (part.type === 'error') throw refusalFrom(part.error);
    yield part;
  }
}

/** An error as the providers' own SDKs throw it, so that one table says what it means. */
function refusalFrom(error: unknown): Error {
  const thrown: Thrown = isJsonObject(error) ? error : {};
  const { message, statusCode, responseHeaders, responseBody, isRetryable } = thrown;
  return Object.assign(new Error(message ?? String(error), { cause: error }), {
    ...(statusCode === undefined ? {} : { status: statusCode }),
    ...(responseHeaders === undefined ? {} : { headers: new Headers(responseHeaders) }),
    ...(isRetryable === undefined ? {} : { isRetryable }),
    error: responseBody === undefined ? error : bodyFrom(responseBody),
  });
}

/** What an `APICallError` holds; other errors have none of it. */
interface Thrown {
  readonly message?: string;
  readonly statusCode?: number;
  readonly responseHeaders?: Record<string, string>;
  readonly responseBody?: string;
  readonly isRetryable?: boolean;
}

/** Proxies answer in HTML, which is then what they said. */
function bodyFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function failureOf(error: unknown, account: ProviderAccount, begun: boolean): Failure {
  const told = providerFailure(error, account, { begun });
  const isFinal = error instanceof Error && 'isRetryable' in error && error.isRetryable === false;
  return isFinal && sideOf(told.code) === 'world' ? { ...told, retryable: false } : told;
}
