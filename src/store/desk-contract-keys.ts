import assert from 'node:assert/strict';
import type { ApiKey } from '../core/index.ts';
import type { DeskPromise } from './desk-contract-promise.ts';

/** What a store of API keys promises. */
export const keyPromises: readonly DeskPromise[] = [
  {
    promise: 'a key is found by its hash, whole, also once it has ended',
    async check(open) {
      const { keys } = await open();
      assert.equal(await keys.any(), false);
      const key = keyOf({ id: 'key_1', expiresAtMs: 2000 });
      await keys.add(key);
      assert.equal(await keys.any(), true);
      assert.deepEqual(await keys.findByHash(key.hash), key);
      assert.equal(await keys.findByHash('other'), null);
      await keys.revoke('key_1', 1500);
      assert.deepEqual(await keys.findByHash(key.hash), { ...key, revokedAtMs: 1500 });
    },
  },
  {
    promise: 'keys are listed newest first, of one tenant or of all',
    async check(open) {
      const { keys } = await open();
      await keys.add(keyOf({ id: 'key_1', createdAtMs: 1 }));
      await keys.add(keyOf({ id: 'key_2', createdAtMs: 2, tenant: 'b' }));
      await keys.add(keyOf({ id: 'key_3', createdAtMs: 3 }));
      const ids = async (tenant: string | null) => (await keys.list(tenant)).map(({ id }) => id);
      assert.deepEqual(await ids('a'), ['key_3', 'key_1']);
      assert.deepEqual(await ids('b'), ['key_2']);
      assert.deepEqual(await ids(null), ['key_3', 'key_2', 'key_1']);
      assert.deepEqual(await ids('nobody'), []);
    },
  },
  {
    promise: 'a key that ended never ends later than it did',
    async check(open) {
      const { keys } = await open();
      await keys.add(keyOf({ id: 'key_1' }));
      assert.equal((await keys.revoke('key_1', 10))?.revokedAtMs, 10);
      assert.equal((await keys.revoke('key_1', 20))?.revokedAtMs, 10);
      assert.equal((await keys.expire('key_1', 30))?.expiresAtMs, 30);
      assert.equal((await keys.expire('key_1', 40))?.expiresAtMs, 30);
      assert.equal((await keys.expire('key_1', 20))?.expiresAtMs, 20);
      assert.equal(await keys.revoke('key_2', 10), null);
      assert.equal(await keys.expire('key_2', 10), null);
    },
  },
  {
    promise: 'when a key was used last never goes back',
    async check(open) {
      const { keys } = await open();
      await keys.add(keyOf({ id: 'key_1' }));
      await Promise.all([30, 10, 50, 20].map((atMs) => keys.markUsed('key_1', atMs)));
      await keys.markUsed('key_1', 40);
      assert.equal((await keys.findByHash('hash of key_1'))?.usedAtMs, 50);
    },
  },
];

function keyOf(more: Partial<ApiKey> & Pick<ApiKey, 'id'>): ApiKey {
  return {
    tenant: 'a',
    prefix: 'ik_abcd',
    hash: `hash of ${more.id}`,
    label: 'für den Test',
    scopes: ['jobs:read', 'jobs:write'],
    createdAtMs: 1_700_000_000_000,
    expiresAtMs: null,
    revokedAtMs: null,
    usedAtMs: null,
    ...more,
  };
}
