import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Blobs } from '../core/index.ts';

/** One promise of a blob store and the check that holds it. */
export interface BlobsPromise {
  readonly promise: string;
  /** `open` gives an empty store. */
  check(open: () => Promise<Blobs>): Promise<void>;
}

/** What every blob store promises. Give each entry to your test runner. */
export const blobsContract: readonly BlobsPromise[] = [
  {
    promise: 'names bytes by their SHA-256 and gives them back whole',
    async check(open) {
      const blobs = await open();
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      for (const bytes of [every, new Uint8Array(0), new TextEncoder().encode('zwölf\u0000日本')]) {
        const hash = await blobs.put(bytes);
        assert.equal(hash, createHash('sha256').update(bytes).digest('hex'));
        assert.deepEqual(await blobs.get(hash), bytes);
      }
    },
  },
  {
    promise: 'keeps large blobs',
    async check(open) {
      const blobs = await open();
      const large = new Uint8Array(5 * 2 ** 20).fill(7);
      assert.deepEqual(await blobs.get(await blobs.put(large)), large);
    },
  },
  {
    promise: 'gives null for what was never kept',
    async check(open) {
      assert.equal(await (await open()).get('0'.repeat(64)), null);
    },
  },
  {
    promise: 'keeping the same bytes again, also at the same time, gives the same name',
    async check(open) {
      const blobs = await open();
      const bytes = new Uint8Array([1, 2, 3]);
      const hashes = await Promise.all(Array.from({ length: 20 }, () => blobs.put(bytes)));
      assert.equal(new Set([...hashes, await blobs.put(bytes)]).size, 1);
    },
  },
  {
    promise: 'keeps many at once, each for itself',
    async check(open) {
      const blobs = await open();
      const all = Array.from({ length: 300 }, (_, index) => new TextEncoder().encode(`blob ${index}`));
      const hashes = await Promise.all(all.map((bytes) => blobs.put(bytes)));
      const found = await blobs.getAll(hashes);
      assert.deepEqual(
        hashes.map((hash) => found.get(hash)),
        all,
      );
    },
  },
  {
    promise: 'getAll leaves out what is not there, and takes no names, or any number of them',
    async check(open) {
      const blobs = await open();
      const hash = await blobs.put(new Uint8Array([9]));
      assert.equal((await blobs.getAll([])).size, 0);
      const others = Array.from({ length: 1200 }, (_, index) => index.toString(16).padStart(64, '0'));
      const found = await blobs.getAll([...others, hash, hash]);
      assert.deepEqual([...found], [[hash, new Uint8Array([9])]]);
    },
  },
];
