import { isJsonObject, type Json } from '../core/index.ts';
import { providers } from './providers.ts';
import type { Fetch } from './wire/provider-fetch.ts';

/** Where to look for Ollama, and how long. */
export interface FindOllamaOptions {
  /** As in `OLLAMA_HOST`: `http://` and the port 11434 may be left out. The local default when absent. */
  readonly url?: string;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** 300 when absent: enough for a server on this machine, short enough not to be felt. */
  readonly waitMsMax?: number;
}

/** Lists the models that a running Ollama has installed and that can chat; null when no Ollama answers. */
export async function findOllama(options: FindOllamaOptions): Promise<readonly string[] | null> {
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(options.waitMsMax ?? 300)]);
  try {
    const response = await options.fetch(`${ollamaUrl(options.url)}/api/tags`, { signal: deadline });
    return response.ok ? modelNames(await response.json()) : null;
  } catch (error) {
    // Nobody listens (TypeError), the time is up or the caller left (DOMException), or it is no Ollama (SyntaxError).
    if (error instanceof TypeError || error instanceof DOMException || error instanceof SyntaxError)
      return null;
    throw error;
  }
}

/** Completes an address as people write it in `OLLAMA_HOST`: `0.0.0.0`, `gpu-box:9000`, `http://host/v1/`. */
export function ollamaUrl(url: string | undefined): string {
  const written = url?.trim() ?? '';
  if (written === '') return providers.ollama.baseUrl;
  const whole = /^https?:\/\//.test(written) ? written : withDefaultPort(written);
  return whole.replace('//0.0.0.0', '//127.0.0.1').replace(/\/+$/, '').replace(/\/v1$/, '');
}

function withDefaultPort(address: string): string {
  const [host = '', ...path] = address.split('/');
  const ported = /:\d+$/.test(host) ? host : `${host}:11434`;
  return `http://${[ported, ...path].join('/')}`;
}

function modelNames(body: unknown): readonly string[] | null {
  if (!isJsonObject(body) || !Array.isArray(body['models'])) return null;
  return body['models'].filter(isJsonObject).flatMap((model) => {
    const name = model['name'];
    return typeof name === 'string' && !onlyEmbeds(name, model['details']) ? [name] : [];
  });
}

/** Embedding models are listed with the others; their names and families give them away. */
function onlyEmbeds(name: string, details: Json | undefined): boolean {
  const family = isJsonObject(details) ? details['family'] : undefined;
  return /embed/i.test(name) || (typeof family === 'string' && /bert/i.test(family));
}
