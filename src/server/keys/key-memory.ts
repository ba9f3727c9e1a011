import type { ApiKey, Clock } from '../../core/index.ts';

/** Keys that were looked up a moment ago. A thousand requests a second do not all ask the store. */
export interface KeyMemory {
  /** As the store finds it, or as it was at most 5 s ago. What is not there is always looked up. */
  find(hash: string): Promise<ApiKey | null>;
  forget(hash: string): void;
}

/** How long a key may work on after it was revoked through another process. */
const believedMs = 5000;
/** Keys that are remembered: each takes less than 1 kB. The one looked up longest ago goes first. */
const keysMax = 10_000;

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

  function remember(hash: string, entry: Remembered): void {
    remembered.delete(hash);
    remembered.set(hash, entry);
    const [oldest] = remembered.keys();
    if (remembered.size > keysMax && oldest !== undefined) remembered.delete(oldest);
  }

  return {
    async find(hash) {
      const known = remembered.get(hash);
      if (known !== undefined && known.untilMs > clock.now()) return await known.key;
      const entry = { key: lookUp(hash), untilMs: clock.now() + believedMs };
      remember(hash, entry);
      let found: ApiKey | null = null;
      try {
        found = await entry.key;
        return found;
      } finally {
        // Neither "there is none" nor a store that failed is worth remembering.
        if (found === null && remembered.get(hash) === entry) remembered.delete(hash);
      }
    },
    forget: (hash) => {
      remembered.delete(hash);
    },
  };
}
