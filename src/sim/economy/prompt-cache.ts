import type { CacheLife, Usage } from '../../core/index.ts';
import type { Asked, SimModel } from '../server/wire.ts';
import { anthropicCache } from './anthropic-cache.ts';
import { type CacheEntries, createCacheEntries } from './cache-entries.ts';
import type { Breakpoint, CacheRules } from './cache-rules.ts';
import { hasBreakpoints, olderOpenaiCache, openaiCache } from './openai-cache.ts';
import { type Prefix, prefixesOf } from './prefix.ts';

/** The input half of a bill; read tokens are always known here. */
export type InputUsage = Pick<Usage, 'inputTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens'> & {
  readonly cacheReadTokens: number;
};

/** What the cache does for one request. */
export interface CachePlan {
  readonly usage: InputUsage;
  /** What breakpoints in all the right places would have let it read: what it reads is never more. */
  readonly readableTokens: number;
  /** Counts as a use of what is read: called when the request is let in. */
  read(): void;
  /** Puts in what is written: called when the answer has begun, so identical requests before that pay as well. */
  write(): void;
}

/** The prompt caches of all models of a simulator. */
export interface PromptCache {
  /** Looks up what a request that starts at `startedMs` reads and writes. Changes nothing. */
  plan(asked: Asked, startedMs: number): CachePlan;
}

/** What most models of both providers take, where the simulator knows nothing better. */
const prefixTokensMinUsual = 1024;

/** Makes empty prompt caches. `prefixTokensMin`: the shortest prefix that a model's cache keeps. */
export function createPromptCache(prefixTokensMin: (modelId: string) => number | null): PromptCache {
  const entries = createCacheEntries();
  const seen = createCacheEntries();
  return {
    plan(asked, startedMs) {
      const rules = rulesOf(asked.model);
      if (rules === null) return withoutCache(asked);
      const tokensMin =
        prefixTokensMin(`${asked.model.provider}/${asked.model.name}`) ?? prefixTokensMinUsual;
      return planWith(rules, { asked, startedMs, tokensMin, entries, seen });
    },
  };
}

/** Null: the server keeps what it keeps and tells nothing of it, as Ollama does. */
function rulesOf({ provider, name }: SimModel): CacheRules | null {
  if (provider === 'anthropic') return anthropicCache;
  if (provider === 'openai') return hasBreakpoints(name) ? openaiCache : olderOpenaiCache;
  return null;
}

function withoutCache({ prompt }: Asked): CachePlan {
  const inputTokens = prompt.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    usage: { inputTokens, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 },
    readableTokens: 0,
    read() {},
    write() {},
  };
}

interface Planning {
  readonly asked: Asked;
  readonly startedMs: number;
  readonly tokensMin: number;
  readonly entries: CacheEntries;
  /** Every prefix that was sent, marked or not. */
  readonly seen: CacheEntries;
}

function planWith(rules: CacheRules, { asked, startedMs, tokensMin, entries, seen }: Planning): CachePlan {
  const prefixes = prefixesOf(asked);
  const isLive = (at: number) => entries.isLive(prefixes[at]?.hash ?? '', startedMs);
  const hitAt = rules.findHit(asked, isLive);
  const written = rules
    .breakpoints(asked)
    .filter(({ at }) => at > (hitAt ?? -1) && (prefixes[at]?.tokens ?? 0) >= tokensMin);
  const lifeMs = (life: CacheLife) => rules.livesMs[life];
  const readable = prefixes.findLast(
    ({ hash, tokens }, at) =>
      tokens >= tokensMin && asked.prompt[at]?.cacheable === true && seen.isLive(hash, startedMs),
  );
  return {
    usage: billOf(rules, { prefixes, hitAt, written }),
    readableTokens: readable?.tokens ?? 0,
    read() {
      // Whatever is kept of the prefix that is read was used with it.
      for (const { hash } of hitAt === null ? [] : prefixes.slice(0, hitAt + 1)) {
        if (entries.isLive(hash, startedMs)) entries.refresh(hash, startedMs);
      }
    },
    write() {
      for (const { hash } of prefixes) seen.write(hash, { lifeMs: lifeMs('long'), startedMs });
      for (const { at, life } of written) {
        entries.write(prefixes[at]?.hash ?? '', { lifeMs: lifeMs(life), startedMs });
      }
    },
  };
}

interface Found {
  readonly prefixes: readonly Prefix[];
  readonly hitAt: number | null;
  readonly written: readonly Breakpoint[];
}

/**
 * Splits a prompt's tokens by what they cost (Anthropic, "Mixing different TTLs"): read up to the hit, from there
 * written for long up to the last long breakpoint, from there for short up to the last one, the rest plain input.
 */
function billOf(rules: CacheRules, { prefixes, hitAt, written }: Found): InputUsage {
  const tokensAt = (at: number | undefined) => (at === undefined ? 0 : (prefixes[at]?.tokens ?? 0));
  const total = tokensAt(prefixes.length - 1);
  const hit = tokensAt(hitAt ?? undefined);
  const read = hit - (hit % rules.readUnitTokens);
  if (!rules.writesCost) {
    return { inputTokens: total - read, cacheReadTokens: read, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 };
  }
  const long = Math.max(read, tokensAt(written.findLast(({ life }) => life === 'long')?.at));
  const last = Math.max(read, tokensAt(written.at(-1)?.at));
  return {
    inputTokens: total - last,
    cacheReadTokens: read,
    cacheWrite5mTokens: last - long,
    cacheWrite1hTokens: long - read,
  };
}
