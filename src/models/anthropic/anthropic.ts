import type { CountTokens, Model, ModelEvent, ModelRequest } from '../../core/index.ts';
import { contextTokensMaxOf } from '../model-facts.ts';
import { keyVariableOf, providers } from '../providers.ts';
import { type ProviderCall, providerEvents } from '../wire/provider-call.ts';
import { cutStream, missingKey, type ProviderAccount, providerFailure } from '../wire/provider-failure.ts';
import { type Fetch, providerFetch } from '../wire/provider-fetch.ts';
import { createAnthropicReply } from './anthropic-reply.ts';
import { anthropicBody, anthropicProvider } from './anthropic-request.ts';

/** How to reach a model of Anthropic. */
export interface AnthropicOptions {
  /** Without the provider: `claude-sonnet-5`. */
  readonly model: string;
  /** Not needed where `baseUrl` leads to a server that asks for none. */
  readonly apiKey?: string;
  /** Without `/v1`. */
  readonly baseUrl?: string;
  readonly fetch?: Fetch;
  /** Further attempts of one call, before any answer has begun. 2 when absent (the SDK's own default). */
  readonly retriesMax?: number;
  /** For the cost of streams that are cut before they told it. */
  readonly countTokens: CountTokens;
}

/** Speaks to Anthropic's Messages API. The SDK is loaded by the first call. */
export function anthropicModel(options: AnthropicOptions): Model {
  const id = `${anthropicProvider}/${options.model}`;
  const account: ProviderAccount = {
    provider: anthropicProvider,
    id,
    keyVariable: keyVariableOf(anthropicProvider),
    apiKey: options.apiKey,
    baseUrl: options.baseUrl ?? providers.anthropic.baseUrl,
  };
  let client: ReturnType<typeof openClient> | null = null;

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (options.apiKey === undefined && options.baseUrl === undefined) {
      return yield { type: 'end', end: { type: 'failed', failure: missingKey(id, account.keyVariable) } };
    }
    client ??= openClient(options, account);
    yield* providerEvents(anthropicCall(await client, { request, account, options }), signal);
  }
  return { id, contextTokensMax: contextTokensMaxOf(id), stream };
}

type Client = Awaited<ReturnType<typeof openClient>>;

async function openClient(options: AnthropicOptions, account: ProviderAccount) {
  const { Anthropic, APIConnectionTimeoutError } = await import('@anthropic-ai/sdk');
  const sdk = new Anthropic({
    // Servers that need no key still get a word: without one the SDK would look for credentials on the machine.
    apiKey: options.apiKey ?? 'none',
    baseURL: account.baseUrl,
    maxRetries: options.retriesMax ?? 2,
    fetch: providerFetch(options.fetch ?? globalThis.fetch),
    logLevel: 'off',
    openTelemetry: false,
    webhookKey: null,
  });
  return { sdk, isTimeout: (error: unknown) => error instanceof APIConnectionTimeoutError };
}

function anthropicCall(
  { sdk, isTimeout }: Client,
  call: {
    readonly request: ModelRequest;
    readonly account: ProviderAccount;
    readonly options: AnthropicOptions;
  },
): ProviderCall<Parameters<ReturnType<typeof createAnthropicReply>['accept']>[0]> {
  const { request, account, options } = call;
  const body = anthropicBody(request, options.model);
  const answer = createAnthropicReply(options.countTokens);
  return {
    async open(signal) {
      const { data, request_id } = await sdk.messages.create(body, { signal }).withResponse();
      return { chunks: data, requestId: request_id ?? null };
    },
    accept: answer.accept,
    isComplete: answer.isComplete,
    finish(requestId) {
      const usage = answer.usageSoFar();
      if (answer.isComplete()) return { type: 'reply', reply: answer.reply(account.id, requestId) };
      return { type: 'failed', failure: cutStream(account), ...(usage === null ? {} : { usage }) };
    },
    failureOf: (error) =>
      providerFailure(error, account, { timedOut: isTimeout(error), begun: answer.usageSoFar() !== null }),
    usageSoFar: answer.usageSoFar,
  };
}
