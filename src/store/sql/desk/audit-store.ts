import { sql } from 'kysely';
import type { AuditEntry, AuditStore, Json, Page } from '../../../core/index.ts';
import { readCursor, writeCursor, wrongCursor } from '../cursor.ts';
import type { SqlDatabase } from '../database.ts';
import { noteDone } from '../runs/audit.ts';

/** Keeps the audit log in a SQL database. */
export function createAuditStore({ read, write }: SqlDatabase): AuditStore {
  return {
    async add(entry) {
      await write((transaction) => noteDone(transaction, entry));
    },
    async list(tenant, { cursor, limit }) {
      const behind = cursor === undefined ? null : await placeOf(read, tenant, cursor);
      const rows = await read
        .selectFrom('audit')
        .selectAll()
        .where('tenant', '=', tenant)
        .$if(behind !== null, (all) => all.where(isBehind(behind ?? newest)))
        .orderBy('at', 'desc')
        .orderBy('place', 'desc')
        .limit(limit + 1)
        .execute();
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      const hasMore = rows.length > limit && last !== undefined;
      const items = shown.map(
        (row): AuditEntry => ({
          atMs: row.at,
          tenant: row.tenant,
          by: row.by_whom,
          action: row.action,
          target: row.target,
          detail: JSON.parse(row.detail) as Json,
        }),
      );
      return { items, next: hasMore ? await cursorOf(read, last) : null } satisfies Page<AuditEntry>;
    },
  };
}

/** Where an entry stands in the log of all tenants: never told to anybody. */
interface Place {
  readonly at: number;
  readonly place: number;
}

const newest: Place = Object.freeze({ at: Number.MAX_SAFE_INTEGER, place: 0 });

function isBehind({ at, place }: Place) {
  return sql<boolean>`(at < ${at} or (at = ${at} and place < ${place}))`;
}

/** An entry is named by its time and how many of its tenant's are older at that time: the log only grows. */
async function cursorOf(
  read: SqlDatabase['read'],
  { tenant, at, place }: Place & { readonly tenant: string },
): Promise<string> {
  const { older } = await read
    .selectFrom('audit')
    .select(({ fn }) => fn.countAll<number | string>().as('older'))
    .where('tenant', '=', tenant)
    .where('at', '=', at)
    .where('place', '<', place)
    .executeTakeFirstOrThrow();
  return writeCursor({ atMs: at, id: String(older) });
}

async function placeOf(read: SqlDatabase['read'], tenant: string, cursor: string): Promise<Place> {
  const { atMs, id } = readCursor(cursor);
  if (!/^\d{1,9}$/.test(id)) throw wrongCursor();
  const found = await read
    .selectFrom('audit')
    .select(['at', 'place'])
    .where('tenant', '=', tenant)
    .where('at', '=', atMs)
    .orderBy('place')
    .limit(1)
    .offset(Number(id))
    .executeTakeFirst();
  if (found === undefined) throw wrongCursor();
  return found;
}
