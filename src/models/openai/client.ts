import { keyVariableOf, providerOf, providers } from '../providers.ts';
import type { AdapterOptions } from '../wire/adapter.ts';
import { letterhead } from '../wire/post.ts';
import { type ProviderAccount, refuseMalformedKey } from '../wire/provider-failure.ts';
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

/** OpenAI's SDK, ready to call. */
export type OpenaiClient = Awaited<ReturnType<typeof openClient>>;

/** Loads OpenAI's SDK for one of its paths. Set up so that nothing is read from the environment. */
export async function openClient(
  options: OpenaiOptions,
  { account, path }: { readonly account: ProviderAccount; readonly path: `/${string}` },
) {
  refuseMalformedKey(account);
  const { OpenAI } = await import('openai');
  const fetch = providerFetch(options.fetch ?? globalThis.fetch);
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
    fetch,
    logLevel: 'off',
  });
  const built = await sdk.buildRequest({ method: 'post', path, body: {} });
  return { sdk, answers: letterhead(built, fetch) };
}
