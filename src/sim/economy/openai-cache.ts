import type { Asked } from '../server/wire.ts';
import type { Breakpoint, CacheRules } from './cache-rules.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Explicit breakpoints that one request writes: the latest, one fewer beside the implicit one (OpenAI, "Prompt caching"). */
const explicitWritesMax = 4;
/** Explicit breakpoints that are looked up: the first and the latest (same guide). */
const explicitFirstReads = 2;
const explicitLatestReads = 50;
/** Message ends that are looked up: the latest and 20 before it (same guide). */
const endReads = 21;

/**
 * OpenAI's prompt cache from GPT-5.6 on ("Prompt caching", 2026-09).
 * It writes at the end of the latest message and at marks; writes cost.
 */
export const openaiCache: CacheRules = Object.freeze({
  livesMs: Object.freeze({ short: 30 * minuteMs, long: 12 * hourMs }),
  writesCost: true,
  readUnitTokens: 1,
  breakpoints(asked: Asked) {
    const { automatic } = asked.caching;
    const explicit = explicitBreakpoints(asked);
    const implicitAt = messageEnds(asked).at(-1);
    if (automatic === null || implicitAt === undefined) return explicit.slice(-explicitWritesMax);
    const latest = explicit.slice(1 - explicitWritesMax);
    if (latest.some(({ at }) => at === implicitAt)) return latest;
    return [...latest, { at: implicitAt, life: automatic }].toSorted((a, b) => a.at - b.at);
  },
  findHit(asked: Asked, isLive: (at: number) => boolean) {
    const marks = explicitBreakpoints(asked).map(({ at }) => at);
    const implicit =
      asked.caching.automatic === null ? [] : [...messageEnds(asked).slice(-endReads), openingEnd(asked)];
    const looked = [...marks.slice(0, explicitFirstReads), ...marks.slice(-explicitLatestReads), ...implicit];
    return longest(looked.filter((at) => at >= 0 && isLive(at)));
  },
});

/**
 * OpenAI's prompt cache before GPT-5.6: on by itself, in steps of 128 tokens, and writing is free.
 * Prompts are compared part by part, not token by token. Lives: the shorter of the published 5 to 10 minutes,
 * and the 24 hours of extended retention.
 */
export const olderOpenaiCache: CacheRules = Object.freeze({
  livesMs: Object.freeze({ short: 5 * minuteMs, long: 24 * hourMs }),
  writesCost: false,
  readUnitTokens: 128,
  breakpoints: ({ prompt, caching }: Asked) =>
    prompt.map((_, at) => ({ at, life: caching.automatic ?? 'short' })),
  findHit: ({ prompt }: Asked, isLive: (at: number) => boolean) =>
    longest(prompt.map((_, at) => at).filter(isLive)),
});

/** Says whether a model's cache has breakpoints and writes that cost. */
export function hasBreakpoints(modelName: string): boolean {
  return /^gpt-(5\.[6-9]|[6-9]|\d\d)/.test(modelName);
}

function explicitBreakpoints({ prompt }: Asked): readonly Breakpoint[] {
  return prompt.flatMap(({ mark, cacheable }, at) =>
    mark === null || !cacheable ? [] : [{ at, life: mark }],
  );
}

function messageEnds({ prompt }: Asked): readonly number[] {
  return prompt.flatMap(({ endsMessage }, at) => (endsMessage ? [at] : []));
}

/** The end of the opening developer block; -1: there is none. */
function openingEnd({ prompt }: Asked): number {
  return prompt.findLastIndex(({ level }) => level === 'system');
}

function longest(hits: readonly number[]): number | null {
  return hits.length === 0 ? null : Math.max(...hits);
}
