import { StorageError } from '../../../core/index.ts';

/** Batches at once: one is written while the next one gathers; a third would only make them smaller. */
const batchesMax = 2;

/** How calls that come together are answered together. */
export interface Coalescing<Item, Answer> {
  /** Whose item it is. Items of one key are never under way in two batches: they keep their order. Null: no order. */
  keyOf(item: Item): string | null;
  /** At most this many items in a batch. */
  readonly itemsMax: number;
  /**
   * Answers a batch, item by item. When it rejects with a `StorageError`, every item of the batch does; with anything
   * else, nothing of it was done, and each is tried alone: a faulty one takes nobody with it.
   */
  run(items: readonly Item[]): Promise<readonly Answer[]>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
}

/** Makes a call whose items go together with those that come meanwhile: many writes cost one commit. */
export function coalesce<Item, Answer>(
  coalescing: Coalescing<Item, Answer>,
): (item: Item) => Promise<Answer> {
  const { keyOf, itemsMax } = coalescing;
  let waiting: Waiting<Item, Answer>[] = [];
  let batches = 0;
  let isScheduled = false;
  const busy = new Set<string | null>();
  const next = (): readonly Waiting<Item, Answer>[] => {
    const batch: Waiting<Item, Answer>[] = [];
    const left: Waiting<Item, Answer>[] = [];
    for (const each of waiting) {
      const fits = batch.length < itemsMax && !busy.has(keyOf(each.item));
      (fits ? batch : left).push(each);
    }
    waiting = left;
    return batch;
  };
  const runNext = (): void => {
    isScheduled = false;
    while (batches < batchesMax) {
      const batch = next();
      if (batch.length === 0) return;
      const keys = new Set(batch.map(({ item }) => keyOf(item)));
      keys.delete(null);
      for (const key of keys) busy.add(key);
      batches += 1;
      void runBatch(coalescing, batch).then(() => {
        for (const key of keys) busy.delete(key);
        batches -= 1;
        runNext();
      });
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // Whatever else is asked for in this turn of the event loop belongs into the same batch.
      if (!isScheduled) setImmediate(runNext);
      isScheduled = true;
    });
}

async function runBatch<Item, Answer>(
  coalescing: Coalescing<Item, Answer>,
  batch: readonly Waiting<Item, Answer>[],
): Promise<void> {
  try {
    const answers = await coalescing.run(batch.map(({ item }) => item));
    batch.forEach(({ resolve }, at) => {
      resolve(answers[at] as Answer);
    });
  } catch (error) {
    if (batch.length > 1 && !(error instanceof StorageError)) {
      for (const each of batch) await runBatch(coalescing, [each]);
      return;
    }
    for (const { reject } of batch) reject(error);
  }
}
