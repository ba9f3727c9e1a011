import type { AuditStore, Json } from '../../../core/index.ts';
import type { SqlDatabase } from '../database.ts';
import { pageByPlace, placeBefore } from './cursor.ts';

/** Keeps the audit log in a SQL database. */
export function createAuditStore({ read, write }: SqlDatabase): AuditStore {
  return {
    async add({ atMs, tenant, by, action, target, detail }) {
      const row = { at: atMs, tenant, by_whom: by, action, target, detail: JSON.stringify(detail) };
      await write((transaction) => transaction.insertInto('audit').values(row).execute());
    },
    async list(tenant, { cursor, limit }) {
      const before = placeBefore(cursor);
      if (before === null) return { items: [], next: null };
      const of = read.selectFrom('audit').selectAll().where('tenant', '=', tenant);
      const newest = of.where('place', '<', before).orderBy('place', 'desc');
      return pageByPlace(await newest.limit(limit + 1).execute(), limit, (row) => ({
        atMs: row.at,
        tenant: row.tenant,
        by: row.by_whom,
        action: row.action,
        target: row.target,
        detail: JSON.parse(row.detail) as Json,
      }));
    },
  };
}
