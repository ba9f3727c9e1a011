import { type CountTokens, type Model, type ModelRequest, ok, type Result } from '../../core/index.ts';
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
  /** Whether the answer is sent piece by piece; true when absent. Some servers and proxies know only whole answers. */
  readonly streaming?: boolean;
  /** For servers and streams that do not say what they used. */
  readonly countTokens: CountTokens;
}

/** What is a provider's own. */
export interface Adapter<Client, Chunk> {
  readonly account: ProviderAccount;
  /** Loads the SDK. */
  open(): Promise<Client>;
  call(client: Client, request: ModelRequest): ProviderCall<Chunk>;
  /** Asks the provider how long a request is, in tokens. Never throws. Absent where it cannot be asked. */
  countTokens?(client: Client, request: ModelRequest, signal: AbortSignal): Promise<Result<number>>;
}

/** Makes a model of an adapter. The SDK is loaded by the first call. */
export function adapterModel<Client, Chunk>(
  { apiKey, baseUrl }: AdapterOptions,
  { account, open, call, countTokens }: Adapter<Client, Chunk>,
): Model {
  const { id, keyVariable } = account;
  const load = loadOnce(id, open);
  const opened = (): Result<Client> | Promise<Result<Client>> =>
    apiKey !== undefined || baseUrl !== undefined
      ? load()
      : { ok: false, failure: missingKey(id, keyVariable) };
  return {
    id,
    contextTokensMax: contextTokensMaxOf(id),
    stream(request, signal, beforeSend) {
      const callOf = (client: Result<Client>) => (client.ok ? ok(call(client.value, request)) : client);
      const prepare = () => {
        const client = opened();
        return client instanceof Promise ? client.then(callOf) : callOf(client);
      };
      return providerEvents(prepare, signal, beforeSend);
    },
    ...(countTokens === undefined
      ? {}
      : {
          async countTokens(request, signal) {
            const client = await opened();
            return client.ok ? countTokens(client.value, request, signal) : client;
          },
        }),
  };
}
