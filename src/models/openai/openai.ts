import type { Model, ModelEnd, ModelRequest, Usage } from '../../core/index.ts';
import { keyVariableOf, providers } from '../providers.ts';
import { type AdapterOptions, adapterModel } from '../wire/adapter.ts';
import type { ProviderCall } from '../wire/provider-call.ts';
import { cutStream, type ProviderAccount, providerFailure } from '../wire/provider-failure.ts';
import { providerFetch } from '../wire/provider-fetch.ts';
import { estimatedUsage } from '../wire/request-tokens.ts';
import { createOpenaiReply, type OpenaiChunk } from './openai-reply.ts';
import { openaiBody } from './openai-request.ts';

/** How to reach a model behind an OpenAI-compatible server. `baseUrl` ends before `/chat/completions`. */
export interface OpenaiOptions extends AdapterOptions {
  /** The first part of the model's id: `openai`, `ollama`, a name of one's own. */
  readonly provider: string;
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
  return adapterModel(options, {
    account,
    open: () => openClient(options, account),
    call: (client, request) => openaiCall(client, { request, account, options }),
  });
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
