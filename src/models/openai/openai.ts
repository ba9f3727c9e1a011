import type { CountTokens, Model, ModelEnd, ModelEvent, ModelRequest, Usage } from '../../core/index.ts';
import { contextTokensMaxOf } from '../model-facts.ts';
import { keyVariableOf, providers } from '../providers.ts';
import { type ProviderCall, providerEvents } from '../wire/provider-call.ts';
import { cutStream, missingKey, type ProviderAccount, providerFailure } from '../wire/provider-failure.ts';
import { type Fetch, providerFetch } from '../wire/provider-fetch.ts';
import { estimatedUsage } from '../wire/request-tokens.ts';
import { createOpenaiReply, type OpenaiChunk } from './openai-reply.ts';
import { openaiBody } from './openai-request.ts';

/** How to reach a model behind an OpenAI-compatible server. */
export interface OpenaiOptions {
  /** The first part of the model's id: `openai`, `ollama`, a name of one's own. */
  readonly provider: string;
  /** Without the provider. */
  readonly model: string;
  /** Not needed where `baseUrl` leads to a server that asks for none. */
  readonly apiKey?: string;
  /** With `/v1`, or whatever stands before `/chat/completions`. OpenAI's own when absent. */
  readonly baseUrl?: string;
  readonly fetch?: Fetch;
  /** Further attempts of one call, before any answer has begun. 2 when absent (the SDK's own default). */
  readonly retriesMax?: number;
  /** For servers and streams that do not say what they used. */
  readonly countTokens: CountTokens;
}

/** Speaks Chat Completions to OpenAI and to all who imitate it. The SDK is loaded by the first call. */
export function openaiModel(options: OpenaiOptions): Model {
  const id = `${options.provider}/${options.model}`;
  const account: ProviderAccount = {
    provider: options.provider,
    id,
    keyVariable: keyVariableOf(options.provider),
    apiKey: options.apiKey,
    baseUrl: options.baseUrl ?? providers.openai.baseUrl,
  };
  let client: ReturnType<typeof openClient> | null = null;

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (options.apiKey === undefined && options.baseUrl === undefined) {
      return yield { type: 'end', end: { type: 'failed', failure: missingKey(id, account.keyVariable) } };
    }
    client ??= openClient(options, account);
    yield* providerEvents(openaiCall(await client, { request, account, options }), signal);
  }
  return { id, contextTokensMax: contextTokensMaxOf(id), stream };
}

type Client = Awaited<ReturnType<typeof openClient>>;

async function openClient(options: OpenaiOptions, account: ProviderAccount) {
  const { OpenAI, APIConnectionTimeoutError } = await import('openai');
  const sdk = new OpenAI({
    // The SDK insists on a key, also for servers that ask for none. What is null here is not read from the environment.
    apiKey: options.apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: account.baseUrl,
    maxRetries: options.retriesMax ?? 2,
    fetch: providerFetch(options.fetch ?? globalThis.fetch),
    logLevel: 'off',
  });
  return { sdk, isTimeout: (error: unknown) => error instanceof APIConnectionTimeoutError };
}

function openaiCall(
  { sdk, isTimeout }: Client,
  call: {
    readonly request: ModelRequest;
    readonly account: ProviderAccount;
    readonly options: OpenaiOptions;
  },
): ProviderCall<OpenaiChunk> {
  const { request, account, options } = call;
  const body = openaiBody(request, options);
  const answer = createOpenaiReply(request, options.provider);
  const estimated = (): Usage => estimatedUsage(request, answer.said(), options.countTokens);
  let hasBegun = false;

  function finish(requestId: string | null): ModelEnd {
    const usage = answer.usage() ?? estimated();
    if (!answer.isFinished()) return { type: 'failed', failure: cutStream(account), usage };
    return { type: 'reply', reply: answer.reply({ model: account.id, usage, requestId }) };
  }

  return {
    async open(signal) {
      const { data, request_id } = await sdk.chat.completions.create(body, { signal }).withResponse();
      return { chunks: data as AsyncIterable<OpenaiChunk>, requestId: request_id };
    },
    accept(chunk) {
      hasBegun = true;
      return answer.accept(chunk);
    },
    // The usage comes after the reason to stop, so only the server's own end is the end.
    isComplete: () => false,
    finish,
    failureOf: (error) => providerFailure(error, account, { timedOut: isTimeout(error), begun: hasBegun }),
    usageSoFar: () => answer.usage() ?? (hasBegun ? estimated() : null),
  };
}
