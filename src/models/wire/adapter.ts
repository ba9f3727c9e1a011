import type { CountTokens, Model, ModelRequest } from '../../core/index.ts';
import { loadOnce } from '../load-once.ts';
import { contextTokensMaxOf } from '../model-facts.ts';
import { type ProviderCall, providerEvents } from './provider-call.ts';
import { missingKey, type ProviderAccount } from './provider-failure.ts';
import type { Fetch } from './provider-fetch.ts';

/** How to reach a model through a provider's SDK. */
export interface AdapterOptions {
  /** Without the provider: `claude-sonnet-5`. */
  readonly model: string;
  /** Not needed where `baseUrl` leads to a server that asks for none. */
  readonly apiKey?: string;
  /** What stands before the provider's own paths; the provider's own address when absent. */
  readonly baseUrl?: string;
  readonly fetch?: Fetch;
  /** Further attempts of one call, before any answer has begun. 2 when absent (the SDKs' own default). */
  readonly retriesMax?: number;
  /** For servers and streams that do not say what they used. */
  readonly countTokens: CountTokens;
}

/** What is a provider's own. */
export interface Adapter<Client, Chunk> {
  readonly account: ProviderAccount;
  /** Loads the SDK. */
  open(): Promise<Client>;
  call(client: Client, request: ModelRequest): ProviderCall<Chunk>;
}

/** Makes a model of an adapter. The SDK is loaded by the first call. */
export function adapterModel<Client, Chunk>(
  { apiKey, baseUrl }: AdapterOptions,
  { account, open, call }: Adapter<Client, Chunk>,
): Model {
  const { id, keyVariable } = account;
  const opened = loadOnce(id, open);
  return {
    id,
    contextTokensMax: contextTokensMaxOf(id),
    async *stream(request, signal) {
      const hasAddress = apiKey !== undefined || baseUrl !== undefined;
      const client = hasAddress
        ? await opened()
        : { ok: false as const, failure: missingKey(id, keyVariable) };
      if (client.ok) yield* providerEvents(call(client.value, request), signal);
      else yield { type: 'end', end: { type: 'failed', failure: client.failure } };
    },
  };
}
