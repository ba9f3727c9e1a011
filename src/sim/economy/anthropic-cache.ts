import type { Asked } from '../server/wire.ts';
import type { Breakpoint, CacheRules } from './cache-rules.ts';

const minuteMs = 60_000;

/** How far a read looks back, counting the breakpoint itself (Anthropic, "Prompt caching"). */
const positionsMax = 20;

/**
 * Anthropic's prompt cache, by the published rules ("Prompt caching", 2026-09).
 * Only breakpoints are written. A read walks back from each of them, the last one first.
 */
export const anthropicCache: CacheRules = Object.freeze({
  livesMs: Object.freeze({ short: 5 * minuteMs, long: 60 * minuteMs }),
  writesCost: true,
  readUnitTokens: 1,
  breakpoints,
  findHit(asked: Asked, isLive: (at: number) => boolean) {
    const positions = positionsOf(asked);
    for (const { at } of breakpoints(asked).toReversed()) {
      const first = (positions[at] ?? 0) - positionsMax + 1;
      for (let back = at; back >= 0 && (positions[back] ?? 0) >= first; back -= 1) {
        if (isLive(back)) return back;
      }
    }
    return null;
  },
});

/** Marked parts, and with automatic caching the last part that can be cached, unless it is marked itself. */
function breakpoints({ prompt, caching }: Asked): readonly Breakpoint[] {
  const automaticAt = caching.automatic === null ? -1 : prompt.findLastIndex(({ cacheable }) => cacheable);
  return prompt.flatMap(({ mark, cacheable }, at) => {
    const life = mark ?? (at === automaticAt ? caching.automatic : null);
    return life === null || !cacheable ? [] : [{ at, life }];
  });
}

/** The position of each part in the walk back: a run of tool calls, or of results, is one. */
function positionsOf({ prompt }: Asked): readonly number[] {
  let position = 0;
  return prompt.map(({ run }, at) => {
    if (run === null || run !== prompt[at - 1]?.run) position += 1;
    return position;
  });
}
