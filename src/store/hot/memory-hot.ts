import type { Clock, Hot, HotValue } from '../../core/index.ts';
import { createListeners } from './listeners.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** Texts longer than this are neither kept nor told: whoever needs them reads the truth. In bytes of UTF-8. */
export const textSizeMax = 2 ** 20;

/** Copies that are kept at once: two for each of the 5,000 jobs that one process may well have under way. */
const copiesMax = 10_000;
/** What all copies may weigh together, in bytes of UTF-8. */
const copiesSizeMax = 64 * 2 ** 20;
/** How often copies that are too old are dropped: nobody may ever ask for them again, as for a parked job. */
const sweepMs = 10_000;

interface Copy extends HotValue {
  readonly untilMs: number;
  readonly size: number;
}

/** Keeps copies, listeners and token buckets in this process alone. The copies set longest ago go first. */
export function createMemoryHot(clock: Clock): Hot {
  const copies = createCopies(clock);
  const listeners = createListeners();
  const takeTokens = createTokenBuckets();
  return {
    get: async (key) => copies.get(key),
    set: async (key, value, ttlMs) => copies.set(key, value, ttlMs),
    remove: async (key) => copies.remove(key),
    publish(channel, message) {
      if (Buffer.byteLength(message) <= textSizeMax) listeners.tell(channel, message);
    },
    subscribe(channel, listener) {
      // Its own function, so that the same listener can listen twice.
      const own = (message: string): void => listener(message);
      listeners.add(channel, own);
      return () => {
        listeners.remove(channel, own);
      };
    },
    listened: async (channels) => new Set(channels.filter(listeners.has)),
    takeTokens: async (bucket, want) => takeTokens(bucket, want),
    isReachable: () => true,
    close: copies.close,
  };
}

interface Copies {
  get(key: string): HotValue | null;
  set(key: string, value: HotValue, ttlMs: number): void;
  remove(key: string): void;
  /** Drops all of them, for good. */
  close(): Promise<void>;
}

function createCopies(clock: Clock): Copies {
  const copies = new Map<string, Copy>();
  const closing = new AbortController();
  let sizeTotal = 0;
  let sweeping: Promise<void> | null = null;
  const remove = (key: string): void => {
    sizeTotal -= copies.get(key)?.size ?? 0;
    copies.delete(key);
  };
  const find = (key: string): Copy | null => {
    const copy = copies.get(key);
    if (copy !== undefined && copy.untilMs > clock.now()) return copy;
    remove(key);
    return null;
  };
  const sweep = async (): Promise<void> => {
    while (copies.size > 0 && !closing.signal.aborted) {
      await clock.sleep(sweepMs, closing.signal);
      for (const key of copies.keys()) find(key);
    }
    sweeping = null;
  };
  return {
    get(key) {
      const copy = find(key);
      return copy === null ? null : { version: copy.version, text: copy.text };
    },
    set(key, { version, text }, ttlMs) {
      const size = Buffer.byteLength(text);
      if ((find(key)?.version ?? version) > version) return;
      remove(key);
      if (size > textSizeMax) return;
      copies.set(key, { version, text, size, untilMs: clock.now() + ttlMs });
      sizeTotal += size;
      sweeping ??= sweep();
      for (const oldest of copies.keys()) {
        if (copies.size <= copiesMax && sizeTotal <= copiesSizeMax) break;
        remove(oldest);
      }
    },
    remove,
    async close() {
      copies.clear();
      sizeTotal = 0;
      closing.abort();
      await sweeping;
    },
  };
}
