import type { ApiKey, Clock } from '../../core/index.ts';

/** Keys that were looked up a moment ago. A thousand requests a second do not all ask the store. */
export interface KeyMemory {
  /** As the store finds it, or as it was at most 5 s ago. `missed`: told when the store was asked in vain. */
  find(hash: string, missed: () => void): Promise<ApiKey | null>;
  /** True for what was found here before, and for what surely is none: neither costs a search. */
  isKnown(hash: string): boolean;
  forget(hash: string): void;
}

/** How long a key may work on after it was revoked through another process, and a wrong one is not looked up again. */
const believedMs = 5000;
/** Keys that are remembered: each takes less than 1 kB. The one looked up longest ago goes first. */
const keysMax = 10_000;
/** Wrong ones: of a client that was set up wrong, the same one comes again and again. */
const wrongKeysMax = 1_000;

interface Remembered {
  readonly key: Promise<ApiKey | null>;
  readonly untilMs: number;
}

/** Makes an empty memory over a way to look keys up. Those who ask for one key at once share one answer. */
export function createKeyMemory(
  clock: Pick<Clock, 'now'>,
  lookUp: (hash: string) => Promise<ApiKey | null>,
): KeyMemory {
  const remembered = new Map<string, Remembered>();
  /** Until when: apart from the others, which they must not push out. */
  const wrong = new Map<string, number>();
  const isWrong = (hash: string): boolean => (wrong.get(hash) ?? 0) > clock.now();

  return {
    isKnown: (hash) => remembered.has(hash) || isWrong(hash),
    async find(hash, missed) {
      if (isWrong(hash)) return null;
      const known = remembered.get(hash);
      if (known !== undefined && known.untilMs > clock.now()) return await known.key;
      const entry = { key: lookUp(hash), untilMs: clock.now() + believedMs };
      remember(remembered, [hash, entry], keysMax);
      let found: ApiKey | null = null;
      try {
        found = await entry.key;
        if (found === null) {
          remember(wrong, [hash, clock.now() + believedMs], wrongKeysMax);
          missed();
        }
        return found;
      } finally {
        // A store that failed is asked again.
        if (found === null && remembered.get(hash) === entry) remembered.delete(hash);
      }
    },
    forget: (hash) => {
      remembered.delete(hash);
    },
  };
}

function remember<T>(map: Map<string, T>, [hash, value]: readonly [string, T], entriesMax: number): void {
  map.delete(hash);
  map.set(hash, value);
  const [oldest] = map.keys();
  if (map.size > entriesMax && oldest !== undefined) map.delete(oldest);
}
