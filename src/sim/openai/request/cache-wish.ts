import type { z } from 'zod';
import type { CacheLife, Json } from '../../../core/index.ts';
import { hasBreakpoints } from '../../economy/openai-cache.ts';
import type { CacheWish } from '../../server/wire.ts';
import type { breakpoint, CommonSettings } from './common-body.ts';

/** What decides on the cache, from either wire: Responses also takes the longer life. */
interface CacheSettings
  extends Pick<
    CommonSettings,
    'model' | 'parallel_tool_calls' | 'prompt_cache_key' | 'prompt_cache_retention'
  > {
  readonly prompt_cache_options?: CacheOptions | undefined;
}

/** How a request wants to be cached: its options, and all that changes the hash beside the prompt. */
export function cacheWish(
  body: CacheSettings,
  settings: { readonly effort: string | null; readonly verbosity: string | null; readonly format: Json },
): CacheWish {
  const { effort, verbosity, format } = settings;
  const salt = JSON.stringify([body.parallel_tool_calls ?? true, format, effort, verbosity ?? 'medium']);
  return {
    automatic: automaticLife(body),
    salts: { tools: salt, system: salt, messages: salt },
    partition: body.prompt_cache_key ?? '',
  };
}

/** Models with breakpoints have a minimum life, the older ones a retention: neither knows the other's. */
function automaticLife(body: CacheSettings): CacheLife | null {
  const { model, prompt_cache_options: options, prompt_cache_retention: retention } = body;
  if (!hasBreakpoints(model)) return retention === '24h' ? 'long' : 'short';
  return options?.mode === 'explicit' ? null : cacheLife(options?.ttl);
}

/** What `prompt_cache_options` says of breakpoints. */
export interface CacheOptions {
  readonly mode?: 'implicit' | 'explicit' | undefined;
  readonly ttl?: '30m' | '12h' | undefined;
}

/** Reads the mark of a content part; one without a life of its own takes the request's. */
export function markOf(
  mark: z.infer<typeof breakpoint> | null | undefined,
  options: CacheOptions | undefined,
): CacheLife | null {
  return mark === null || mark === undefined ? null : cacheLife(mark.ttl ?? options?.ttl);
}

function cacheLife(ttl: '30m' | '12h' | undefined): CacheLife {
  return ttl === '12h' ? 'long' : 'short';
}
