import assert from 'node:assert/strict';
import type { AuditEntry } from '../core/index.ts';
import { type DeskPromise, refusesCursors } from './desk-contract-promise.ts';

/** What a store of the audit log promises. */
export const auditPromises: readonly DeskPromise[] = [
  {
    promise: 'the audit log gives every entry once, whole and newest first, in pages',
    async check(open) {
      const { audit } = await open();
      const entries = [1, 2, 3, 4, 5].map((number) => entryOf({ target: `job_${number}` }));
      for (const entry of entries) await audit.add(entry);
      const [first, second] = [await audit.list('a', { limit: 2 }), await audit.list('a', { limit: 5 })];
      assert.deepEqual(second, { items: entries.toReversed(), next: null });
      await audit.add(entryOf({ target: 'late' }));
      const rest = await audit.list('a', { limit: 3, cursor: first.next ?? '' });
      assert.deepEqual([...first.items, ...rest.items], entries.toReversed());
      assert.equal(rest.next, null);
      await refusesCursors((cursor) => audit.list('a', { limit: 3, cursor }));
    },
  },
  {
    promise: 'a cursor of the audit log tells nothing of what was done for others',
    async check(open) {
      const { audit } = await open();
      const cursorOf = async (tenant: string): Promise<string | null> => {
        for (const target of ['job_1', 'job_2']) await audit.add(entryOf({ tenant, target }));
        return (await audit.list(tenant, { limit: 1 })).next;
      };
      const before = await cursorOf('a');
      for (let each = 0; each < 5; each++) await audit.add(entryOf({ tenant: 'b' }));
      assert.equal(await cursorOf('c'), before);
    },
  },
  {
    promise: 'no tenant sees what was done for another one',
    async check(open) {
      const { audit } = await open();
      await audit.add(entryOf({ tenant: 'b' }));
      assert.deepEqual(await audit.list('a', { limit: 10 }), { items: [], next: null });
      assert.equal((await audit.list('b', { limit: 10 })).items.length, 1);
    },
  },
];

function entryOf(more: Partial<AuditEntry>): AuditEntry {
  return {
    atMs: 1_700_000_000_000,
    tenant: 'a',
    by: 'key_1',
    action: 'job.cancel',
    target: 'job_1',
    detail: { why: 'zwölf', list: [1, null] },
    ...more,
  };
}
