import type { Json } from '../../../core/index.ts';
import type { InputItem } from './responses-body.ts';

/** A response that was stored: what it says of itself, and all that led to it. */
export interface StoredResponse {
  readonly id: string;
  readonly response: { readonly [name: string]: Json };
  /** Every item so far, its own output included: what a next request goes on from. */
  readonly conversation: readonly InputItem[];
}

/** The stored responses of a simulator. Nobody finds what another key stored. */
export interface ResponsesMemory {
  keep(key: string, stored: StoredResponse): void;
  find(key: string, id: string): StoredResponse | null;
  /** An item that some stored response holds. */
  findItem(key: string, id: string): InputItem | null;
  remove(key: string, id: string): boolean;
}

/** More than a test or a demonstration goes on from; the vendor keeps responses for 30 days instead. */
const responsesMax = 1000;

/** Starts with nothing. The oldest response goes when there is no more room. */
export function createResponsesMemory(): ResponsesMemory {
  const kept = new Map<string, StoredResponse & { readonly key: string }>();
  const find = (key: string, id: string): StoredResponse | null => {
    const stored = kept.get(id);
    return stored?.key === key ? stored : null;
  };
  return {
    keep(key, stored) {
      kept.set(stored.id, { ...stored, key });
      const [oldest] = kept.keys();
      if (kept.size > responsesMax && oldest !== undefined) kept.delete(oldest);
    },
    find,
    findItem(key, id) {
      for (const stored of kept.values()) {
        if (stored.key !== key) continue;
        const item = stored.conversation.find((each) => each['id'] === id);
        if (item !== undefined) return item;
      }
      return null;
    },
    remove: (key, id) => find(key, id) !== null && kept.delete(id),
  };
}
