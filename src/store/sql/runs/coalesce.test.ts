import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../core/index.ts';
import { coalesce } from './coalesce.ts';

interface Item {
  readonly key: string | null;
  readonly name: string;
}

/** Makes a call on batches that end when they are told to, and that notes them. */
function gated(itemsMax = 100) {
  const batches: string[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const call = coalesce<Item, string>({
    keyOf: ({ key }) => key,
    itemsMax,
    async run(items) {
      batches.push(items.map(({ name }) => name));
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return items.map(({ name }) => `${name} is done`);
    },
  });
  return { call: (key: string | null, name: string) => call({ key, name }), batches, gates };
}

const turn = () => new Promise(setImmediate);
const outage = () => new StorageError('The disk is away', 'undone', null);

describe('calls that come together', () => {
  it('are one batch, each answered for itself', async () => {
    const { call, batches, gates } = gated();
    const both = Promise.all([call('a', 'one'), call(null, 'two')]);
    await turn();
    gates[0]?.resolve();
    expect(await both).toEqual(['one is done', 'two is done']);
    expect(batches).toEqual([['one', 'two']]);
  });

  it('are never under way in two batches where they have one key', async () => {
    const { call, batches, gates } = gated();
    const first = call('a', 'one');
    await turn();
    const later = Promise.all([call('a', 'two'), call('b', 'three')]);
    await turn();
    expect(batches).toEqual([['one'], ['three']]);
    gates[0]?.resolve();
    await first;
    await turn();
    expect(batches).toEqual([['one'], ['three'], ['two']]);
    for (const gate of gates) gate.resolve();
    expect(await later).toEqual(['two is done', 'three is done']);
  });

  it('leave the rest for the next batch where they are too many', async () => {
    const { call, batches, gates } = gated(2);
    const all = Promise.all(['one', 'two', 'three'].map((name) => call(null, name)));
    await turn();
    expect(batches).toEqual([['one', 'two'], ['three']]);
    for (const gate of gates) gate.resolve();
    expect(await all).toHaveLength(3);
  });
});

describe('a call that fails', () => {
  it('takes along those of its key that wait behind it, and leaves all others alone', async () => {
    const { call, batches, gates } = gated();
    const first = call('a', 'one');
    await turn();
    const [behind, other] = [call('a', 'two'), call('b', 'three')];
    gates[0]?.reject(outage());
    await expect(first).rejects.toThrow('away');
    await expect(behind).rejects.toThrow('away');
    await turn();
    gates[1]?.resolve();
    expect(await other).toBe('three is done');
    expect(batches).toEqual([['one'], ['three']]);
  });

  it('takes along what is asked before anybody could know of it, and nothing that is asked later', async () => {
    const { call, batches, gates } = gated();
    const first = call('a', 'one');
    await turn();
    let early: Promise<string> | null = null;
    // Hears of the end in the same turn as whoever asked, perhaps before.
    gates[0]?.promise.catch(() => {
      early = call('a', 'two');
      early.catch(() => {});
    });
    gates[0]?.reject(outage());
    await expect(first).rejects.toThrow('away');
    await expect(early).rejects.toThrow('away');
    await turn();
    const later = call('a', 'three');
    await turn();
    gates[1]?.resolve();
    expect(await later).toBe('three is done');
    expect(batches).toEqual([['one'], ['three']]);
  });

  it('for a fault of its own is tried alone, with nothing of its key after it', async () => {
    const tried: string[][] = [];
    const call = coalesce<Item, string>({
      keyOf: ({ key }) => key,
      itemsMax: 100,
      async run(items) {
        const names = items.map(({ name }) => name);
        tried.push(names);
        if (names.includes('bad')) throw new TypeError('a fault');
        return names;
      },
    });
    const items = [
      { key: 'a', name: 'one' },
      { key: 'a', name: 'bad' },
      { key: 'b', name: 'two' },
      { key: 'a', name: 'three' },
      { key: null, name: 'four' },
    ];
    const ended = await Promise.allSettled(items.map((item) => call(item)));
    expect(ended.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(tried).toEqual([['one', 'bad', 'two', 'three', 'four'], ['one'], ['bad'], ['two'], ['four']]);
  });
});
