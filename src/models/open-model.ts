import { type CountTokens, fail, type Model, ok, type Result } from '../core/index.ts';
import { lazyModel } from './lazy-model.ts';
import { contextTokensMaxOf } from './model-facts.ts';
import { ollamaUrl } from './ollama.ts';
import {
  keyVariableOf,
  type ProviderFacts,
  providerOf,
  providers,
  urlVariablesOf,
  withoutVersion,
} from './providers.ts';
import type { AdapterOptions } from './wire/adapter.ts';
import { missingKey } from './wire/provider-failure.ts';
import type { Fetch } from './wire/provider-fetch.ts';

/** Keys and addresses, as whoever reads the environment found them: by the name that stands before `/` in ids. */
export interface ModelAccess {
  readonly keys: Readonly<Record<string, string>>;
  /** Addresses other than the providers' own. Ollama's as in `OLLAMA_HOST`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Servers by a name of one's own. Also redirects a known provider. */
  readonly customs: Readonly<Record<string, CustomProvider>>;
  readonly fetch?: Fetch;
  readonly countTokens: CountTokens;
}

/** A server of one's own. */
export interface CustomProvider {
  /** With `/v1`, or whatever stands before `/chat/completions`; for `anthropic`, before `/v1/messages`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Whether answers are sent piece by piece; true when absent. Some servers and proxies know only whole answers. */
  readonly streaming?: boolean;
}

/** Opens the model of an id such as `anthropic/claude-sonnet-5`. Nothing is sent or loaded yet. */
export function openModel(id: string, access: ModelAccess): Result<Model> {
  const slash = id.indexOf('/');
  const [provider, model] = [id.slice(0, slash), id.slice(slash + 1)];
  if (slash < 1 || model === '') {
    return fail(
      'unknown-model',
      `"${id}" is no model: write provider/name, such as anthropic/claude-sonnet-5.`,
    );
  }
  const facts = providerOf(provider);
  const own = customOf(provider, access);
  if (facts === undefined && own === undefined) return unknownProvider(provider, access);
  const baseUrl = own?.baseUrl ?? addressOf(provider, access);
  if (baseUrl === null) return missingAddress(id, facts);
  const apiKey = own?.apiKey ?? keyOf(provider, access);
  const isFree = own !== undefined || facts?.needsKey === false || isRedirected(provider, access);
  if (apiKey === undefined && !isFree) {
    return { ok: false, failure: missingKey(id, keyVariableOf(provider)) };
  }
  const wire = facts?.wire ?? 'chat';
  const options = {
    model,
    baseUrl: wire === 'messages' ? withoutVersion(baseUrl) : baseUrl.replace(/\/+$/, ''),
    countTokens: access.countTokens,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(access.fetch === undefined ? {} : { fetch: access.fetch }),
    ...(own?.streaming === undefined ? {} : { streaming: own.streaming }),
  };
  const facade = { id, contextTokensMax: contextTokensMaxOf(id), countsTokens: wire !== 'chat' };
  return ok(lazyModel(facade, () => loadAdapter(wire, { ...options, provider })));
}

async function loadAdapter(
  wire: ProviderFacts['wire'],
  options: AdapterOptions & { readonly provider: string },
): Promise<Model> {
  switch (wire) {
    case 'messages':
      return (await import('./anthropic/anthropic.ts')).anthropicModel(options);
    case 'responses':
      return (await import('./openai/responses.ts')).responsesModel(options);
    case 'chat':
      return (await import('./openai/chat.ts')).chatModel(options);
  }
}

/** A provider's older wire is found where the provider was redirected to. */
function customOf(provider: string, { customs }: ModelAccess): CustomProvider | undefined {
  const names = providerOf(provider) === undefined ? [provider] : [provider, provider.replace(/-chat$/, '')];
  const name = names.find((each) => Object.hasOwn(customs, each));
  return name === undefined ? undefined : customs[name];
}

function addressOf(provider: string, { urls }: ModelAccess): string | null {
  const url = Object.hasOwn(urls, provider) ? urls[provider] : undefined;
  if (provider === 'ollama') return `${ollamaUrl(url)}/v1`;
  const facts = providerOf(provider);
  if (url !== undefined || facts === undefined) return url ?? null;
  return urlVariablesOf(facts).length === 0 ? facts.baseUrl : null;
}

/** Said of a provider whose traffic goes to a server of one's own: that one may ask for no key. */
function isRedirected(provider: string, { urls }: ModelAccess): boolean {
  const facts = providerOf(provider);
  return facts !== undefined && Object.hasOwn(urls, provider) && urlVariablesOf(facts).length === 0;
}

/** An empty key is an absent one. */
function keyOf(provider: string, { keys }: ModelAccess): string | undefined {
  const key = Object.hasOwn(keys, provider) ? keys[provider]?.trim() : undefined;
  return key === '' ? undefined : key;
}

function missingAddress(id: string, facts: ProviderFacts | undefined): Result<never> {
  const variables = facts === undefined ? [] : urlVariablesOf(facts);
  return fail('no-access', `${id} needs an address: set ${variables.join(' and ')}.`);
}

function unknownProvider(provider: string, { customs }: ModelAccess): Result<never> {
  const known = [...new Set([...Object.keys(providers), ...Object.keys(customs)])].sort().join(', ');
  return fail(
    'unknown-model',
    `No provider is called "${provider}". Known: ${known}. ` +
      `Any other OpenAI-compatible server can be added with its base URL under providers of createInspan.`,
  );
}
