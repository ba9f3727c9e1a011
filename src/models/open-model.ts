import { type CountTokens, fail, type Model, ok, type Result } from '../core/index.ts';
import { lazyModel } from './lazy-model.ts';
import { contextTokensMaxOf } from './model-facts.ts';
import { ollamaUrl } from './ollama.ts';
import { keyVariableOf, providers } from './providers.ts';
import { missingKey } from './wire/provider-failure.ts';
import type { Fetch } from './wire/provider-fetch.ts';

/** Keys and addresses, as whoever reads the environment found them. */
export interface ModelAccess {
  readonly anthropicApiKey?: string;
  readonly openaiApiKey?: string;
  readonly openrouterApiKey?: string;
  readonly geminiApiKey?: string;
  /** As in `OLLAMA_HOST`. */
  readonly ollamaUrl?: string;
  /** OpenAI-compatible servers by the name that stands before `/` in their models' ids. Also redirects a known provider. */
  readonly customs: Readonly<Record<string, CustomProvider>>;
  readonly fetch?: Fetch;
  readonly retriesMax?: number;
  readonly countTokens: CountTokens;
}

/** A server of one's own. */
export interface CustomProvider {
  /** With `/v1`, or whatever stands before `/chat/completions`; for `anthropic`, before `/v1/messages`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
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
  const own = Object.hasOwn(access.customs, provider) ? access.customs[provider] : undefined;
  if (!Object.hasOwn(providers, provider) && own === undefined) return unknownProvider(provider, access);
  const apiKey = own?.apiKey ?? keyOf(provider, access);
  const baseUrl = own?.baseUrl ?? baseUrlOf(provider, access);
  if (own === undefined && needsKey(provider) && apiKey === undefined) {
    return { ok: false, failure: missingKey(id, keyVariableOf(provider)) };
  }
  const options = {
    model,
    baseUrl,
    countTokens: access.countTokens,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(access.fetch === undefined ? {} : { fetch: access.fetch }),
    ...(access.retriesMax === undefined ? {} : { retriesMax: access.retriesMax }),
  };
  return ok(
    lazyModel({ id, contextTokensMax: contextTokensMaxOf(id) }, async () => {
      if (provider !== 'anthropic')
        return (await import('./openai/openai.ts')).openaiModel({ ...options, provider });
      return (await import('./anthropic/anthropic.ts')).anthropicModel(options);
    }),
  );
}

function unknownProvider(provider: string, { customs }: ModelAccess): Result<never> {
  const known = [...Object.keys(providers), ...Object.keys(customs)].sort().join(', ');
  return fail(
    'unknown-model',
    `No provider is called "${provider}". Known: ${known}. ` +
      `Any other OpenAI-compatible server can be added with its base URL under providers of createInspan.`,
  );
}

function needsKey(provider: string): boolean {
  return provider !== 'ollama';
}

/** An empty variable is an absent one. */
function keyOf(provider: string, access: ModelAccess): string | undefined {
  const keys: Readonly<Record<string, string | undefined>> = {
    anthropic: access.anthropicApiKey,
    openai: access.openaiApiKey,
    openrouter: access.openrouterApiKey,
    google: access.geminiApiKey,
  };
  const key = Object.hasOwn(keys, provider) ? keys[provider]?.trim() : undefined;
  return key === '' ? undefined : key;
}

function baseUrlOf(provider: string, access: ModelAccess): string {
  if (provider === 'ollama') return `${ollamaUrl(access.ollamaUrl)}/v1`;
  return providers[provider as keyof typeof providers].baseUrl;
}
