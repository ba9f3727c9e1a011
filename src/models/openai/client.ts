import { keyVariableOf, providerOf, providers } from '../providers.ts';
import type { AdapterOptions } from '../wire/adapter.ts';
import type { ProviderAccount } from '../wire/provider-failure.ts';
import { providerFetch } from '../wire/provider-fetch.ts';

/** How to reach a model through OpenAI's SDK. `baseUrl` ends before `/chat/completions` and `/responses`. */
export interface OpenaiOptions extends AdapterOptions {
  /** The first part of the model's id: `openai`, `ollama`, a name of one's own. */
  readonly provider: string;
}

/** Whom calls with these options speak to. */
export function openaiAccount({ provider, model, apiKey, baseUrl }: OpenaiOptions): ProviderAccount {
  return {
    provider,
    id: `${provider}/${model}`,
    keyVariable: keyVariableOf(provider),
    apiKey,
    baseUrl: baseUrl ?? (providerOf(provider) ?? providers.openai).baseUrl,
  };
}

/**
 * How long the SDK waits for an answer to begin, in ms: an hour, because a local model may read a long prompt for
 * many minutes and an answer that is not streamed begins when it is done. The transport has the stricter limits.
 */
const answerMsMax = 3_600_000;

/** OpenAI's SDK, ready to call. */
export type OpenaiClient = Awaited<ReturnType<typeof openClient>>;

/** Loads OpenAI's SDK and sets it up so that nothing is read from the environment. */
export async function openClient(options: OpenaiOptions, account: ProviderAccount) {
  const { OpenAI, APIConnectionTimeoutError } = await import('openai');
  const sdk = new OpenAI({
    // The SDK insists on a key, also for servers that ask for none.
    apiKey: options.apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: account.baseUrl,
    // Retries are a wrapper's, which sees and tells them.
    maxRetries: 0,
    timeout: answerMsMax,
    fetch: providerFetch(options.fetch ?? globalThis.fetch),
    logLevel: 'off',
  });
  return { sdk, isTimeout: (error: unknown) => error instanceof APIConnectionTimeoutError };
}
