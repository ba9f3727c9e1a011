import { StorageError } from '../../../core/index.ts';

/** Batches at once: one is written while the next one gathers; a third would only make them smaller. */
const batchesMax = 2;

/** How calls that come together are answered together. */
export interface Coalescing<Item, Answer> {
  /**
   * Whose item it is. Items of one key are never under way in two batches: they keep their order, and one that is
   * rejected takes along those that were brought before anybody knew. Null: no order.
   */
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
  readonly key: string | null;
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
  const order = createOrder();
  const fail: Fail<Item, Answer> = (failed, error) => {
    order.breakOff(failed, error);
    waiting = waiting.filter(order.isOpen);
  };
  const next = (): readonly Waiting<Item, Answer>[] => {
    const batch: Waiting<Item, Answer>[] = [];
    const left: Waiting<Item, Answer>[] = [];
    for (const each of waiting) {
      const fits = batch.length < itemsMax && !busy.has(each.key);
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
      const keys = new Set(batch.map(({ key }) => key));
      keys.delete(null);
      for (const key of keys) busy.add(key);
      batches += 1;
      void runBatch(coalescing, batch, fail).then(() => {
        for (const key of keys) busy.delete(key);
        batches -= 1;
        runNext();
      });
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      const asked = { item, key: keyOf(item), resolve, reject };
      if (!order.isOpen(asked)) return;
      waiting.push(asked);
      // Whatever else is asked for in this turn of the event loop belongs into the same batch.
      if (!isScheduled) setImmediate(runNext);
      isScheduled = true;
    });
}

type Keyed = Pick<Waiting<never, never>, 'key' | 'reject'>;

/** Knows the keys of which an item has just been rejected. */
interface Order {
  /** Rejects an item, and whatever is asked about afterwards in this turn of the event loop. */
  breakOff(failed: Keyed, error: unknown): void;
  /** False where an item of the same key was rejected: then this one is too. */
  isOpen(asked: Keyed): boolean;
}

/** Whoever brought an item hears of its end within this turn: what he brings later, he brings knowing it. */
function createOrder(): Order {
  const broken = new Map<string, unknown>();
  return {
    breakOff({ key, reject }, error) {
      reject(error);
      if (key === null) return;
      if (broken.size === 0) setImmediate(() => broken.clear());
      broken.set(key, error);
    },
    isOpen({ key, reject }) {
      if (key === null || !broken.has(key)) return true;
      reject(broken.get(key));
      return false;
    },
  };
}

type Fail<Item, Answer> = (failed: Waiting<Item, Answer>, error: unknown) => void;

async function runBatch<Item, Answer>(
  coalescing: Coalescing<Item, Answer>,
  batch: readonly Waiting<Item, Answer>[],
  fail: Fail<Item, Answer>,
): Promise<void> {
  const failed = await tryBatch(coalescing, batch);
  if (failed === null) return;
  if (batch.length === 1 || failed.error instanceof StorageError) {
    for (const each of batch) fail(each, failed.error);
    return;
  }
  const broken = new Map<string | null, Failed>();
  for (const each of batch) {
    const before = each.key === null ? undefined : broken.get(each.key);
    const alone = before ?? (await tryBatch(coalescing, [each]));
    if (alone === null) continue;
    broken.set(each.key, alone);
    fail(each, alone.error);
  }
}

interface Failed {
  readonly error: unknown;
}

/** Null when all of it was answered. */
async function tryBatch<Item, Answer>(
  { run }: Coalescing<Item, Answer>,
  batch: readonly Waiting<Item, Answer>[],
): Promise<Failed | null> {
  try {
    const answers = await run(batch.map(({ item }) => item));
    batch.forEach(({ resolve }, at) => {
      resolve(answers[at] as Answer);
    });
    return null;
  } catch (error) {
    return { error };
  }
}
