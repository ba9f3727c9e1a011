/** What a prompt cache holds: prefixes by hash, each with the time it is kept. */
export interface CacheEntries {
  isLive(hash: string, nowMs: number): boolean;
  /** Keeps a prefix that is read for its whole life again, counted from `startedMs`. */
  refresh(hash: string, startedMs: number): void;
  /** Keeps a prefix for `lifeMs` from `startedMs`; one that is kept for longer stays so. */
  write(hash: string, entry: { readonly lifeMs: number; readonly startedMs: number }): void;
}

/** Some hundred bytes each: far more than a test writes, and no leak in a simulator that runs for weeks. */
const entriesMax = 100_000;

/** Makes an empty cache. The least recently used entries go when it is full. */
export function createCacheEntries(): CacheEntries {
  const entries = new Map<string, { readonly lifeMs: number; readonly untilMs: number }>();
  const put = (hash: string, lifeMs: number, untilMs: number): void => {
    entries.delete(hash);
    entries.set(hash, { lifeMs, untilMs });
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
  };
  return {
    isLive: (hash, nowMs) => (entries.get(hash)?.untilMs ?? Number.NEGATIVE_INFINITY) > nowMs,
    refresh(hash, startedMs) {
      const entry = entries.get(hash);
      if (entry !== undefined) put(hash, entry.lifeMs, Math.max(entry.untilMs, startedMs + entry.lifeMs));
    },
    write(hash, { lifeMs, startedMs }) {
      const kept = entries.get(hash);
      const untilMs = startedMs + lifeMs;
      if (kept === undefined || kept.untilMs <= untilMs) put(hash, lifeMs, untilMs);
    },
  };
}
