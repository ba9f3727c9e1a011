import type { ExpressionBuilder, Selectable } from 'kysely';
import type { Delivery, DeliveryAttempt, DeliveryWant, WebhookStore } from '../../../core/index.ts';
import { type Cursor, pageOf, readCursor } from '../cursor.ts';
import type { SqlDatabase, SqlTransaction } from '../database.ts';
import type { DeliveriesTable, Tables } from '../tables.ts';

/** Rows of one statement: SQLite takes 32,766 values at once, and a row has ten. */
const rowsMax = 1000;

/** The newest tries that are kept: all of a whole round of retries, and many by hand. */
const attemptsMax = 50;

/** Keeps deliveries in a SQL database. */
export function createDeliveries(
  database: SqlDatabase,
): Pick<WebhookStore, 'enqueue' | 'take' | 'keepAttempt' | 'deliveries' | 'redeliver'> {
  const { read, write } = database;
  return {
    async enqueue(deliveries) {
      await write(async (transaction) => {
        for (let from = 0; from < deliveries.length; from += rowsMax) {
          const rows = deliveries.slice(from, from + rowsMax).map(rowOf);
          const insert = transaction.insertInto('deliveries').values(rows);
          await insert.onConflict((conflict) => conflict.column('id').doNothing()).execute();
        }
      });
    },
    take: (nowMs, leaseMs, want) =>
      write(async (transaction) => {
        // One after the other, so that two never take the same ones.
        await database.lock(transaction, 'deliveries');
        const due = await findDue(transaction, nowMs, want);
        if (due.length === 0) return [];
        const places = due.map(({ place }) => place);
        const lease = transaction.updateTable('deliveries').set({ next_at: nowMs + leaseMs });
        await lease.where('place', 'in', places).execute();
        return due.map(deliveryOf);
      }),
    async keepAttempt(id, attempt, { state, nextAtMs }) {
      await write(async (transaction) => {
        await database.lock(transaction, `delivery:${id}`);
        const of = transaction.selectFrom('deliveries').select(['attempts', 'state']).where('id', '=', id);
        const row = await of.executeTakeFirst();
        if (row === undefined) return;
        const attempts = JSON.stringify([...attemptsOf(row.attempts), attempt].slice(-attemptsMax));
        // A slower try of the same message, whose lease was over, cannot undo that it was taken.
        const set = row.state === 'delivered' ? { attempts } : { attempts, state, next_at: nextAtMs };
        await transaction.updateTable('deliveries').set(set).where('id', '=', id).execute();
      });
    },
    async deliveries(tenant, webhook, { cursor, limit }) {
      const behind = cursor === undefined ? null : readCursor(cursor);
      const of = read.selectFrom('deliveries').selectAll().where('tenant', '=', tenant);
      const rows = await of
        .where('webhook', '=', webhook)
        .where((is) => is.and(behind === null ? [] : [isBehind(is, behind)]))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows.map(deliveryOf), limit, ({ createdAtMs: atMs, id }) => ({ atMs, id }));
    },
    async redeliver(tenant, { webhook, id }, nowMs) {
      const row = await write((transaction) =>
        transaction
          .updateTable('deliveries')
          .set({ state: 'waiting', next_at: nowMs })
          .where('tenant', '=', tenant)
          .where('webhook', '=', webhook)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst(),
      );
      return row === undefined ? null : deliveryOf(row);
    },
  };
}

function isBehind(is: ExpressionBuilder<Tables, 'deliveries'>, { atMs, id }: Cursor) {
  const isOlder = is('created_at', '<', atMs);
  return is.or([isOlder, is.and([is('created_at', '=', atMs), is('id', '<', id)])]);
}

/** What a paused webhook is owed waits until it goes on. */
function findDue(
  transaction: SqlTransaction,
  nowMs: number,
  { limit, perWebhookMax, without }: DeliveryWant,
): Promise<readonly Selectable<DeliveriesTable>[]> {
  const due = transaction
    .selectFrom('deliveries')
    .innerJoin('webhooks', 'webhooks.id', 'deliveries.webhook')
    .selectAll('deliveries')
    .select((of) =>
      of.fn
        .agg<number>('row_number')
        .over((over) => over.partitionBy('deliveries.webhook').orderBy('deliveries.next_at'))
        .as('nth'),
    )
    .where('webhooks.is_paused', '=', 0)
    .where('deliveries.state', '=', 'waiting')
    .where('deliveries.next_at', '<=', nowMs)
    .$if(without.length > 0, (those) => those.where('deliveries.webhook', 'not in', without));
  return transaction
    .selectFrom(due.as('due'))
    .selectAll()
    .where('nth', '<=', perWebhookMax)
    .orderBy('next_at')
    .limit(limit)
    .execute();
}

function rowOf(delivery: Delivery): Omit<Selectable<DeliveriesTable>, 'place'> {
  return {
    id: delivery.id,
    webhook: delivery.webhook,
    tenant: delivery.tenant,
    job: delivery.job,
    event: delivery.event,
    payload: delivery.payload,
    state: delivery.state,
    attempts: JSON.stringify(delivery.attempts),
    next_at: delivery.nextAtMs,
    created_at: delivery.createdAtMs,
  };
}

function deliveryOf(row: Selectable<DeliveriesTable>): Delivery {
  return {
    id: row.id,
    webhook: row.webhook,
    tenant: row.tenant,
    job: row.job,
    event: row.event,
    payload: row.payload,
    state: row.state as Delivery['state'],
    attempts: attemptsOf(row.attempts),
    nextAtMs: row.next_at,
    createdAtMs: row.created_at,
  };
}

function attemptsOf(text: string): readonly DeliveryAttempt[] {
  return JSON.parse(text) as readonly DeliveryAttempt[];
}
