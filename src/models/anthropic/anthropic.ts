import type { Model, ModelRequest } from '../../core/index.ts';
import { keyVariableOf, providers } from '../providers.ts';
import { type AdapterOptions, adapterModel } from '../wire/adapter.ts';
import type { ProviderCall } from '../wire/provider-call.ts';
import { cutStream, type ProviderAccount, providerFailure } from '../wire/provider-failure.ts';
import { providerFetch } from '../wire/provider-fetch.ts';
import { createAnthropicReply } from './anthropic-reply.ts';
import { anthropicBody, anthropicProvider } from './anthropic-request.ts';

/** Speaks to Anthropic's Messages API. `baseUrl` ends before `/v1`. */
export function anthropicModel(options: AdapterOptions): Model {
  const id = `${anthropicProvider}/${options.model}`;
  const account: ProviderAccount = {
    provider: anthropicProvider,
    id,
    keyVariable: keyVariableOf(anthropicProvider),
    apiKey: options.apiKey,
    baseUrl: options.baseUrl ?? providers.anthropic.baseUrl,
  };
  return adapterModel(options, {
    account,
    open: () => openClient(options, account),
    call: (client, request) => anthropicCall(client, { request, account, options }),
  });
}

type Client = Awaited<ReturnType<typeof openClient>>;

async function openClient(options: AdapterOptions, account: ProviderAccount) {
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
    readonly options: AdapterOptions;
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
