import type { Selectable } from 'kysely';
import type { Webhook, WebhookStore } from '../../../core/index.ts';
import type { SqlDatabase } from '../database.ts';
import type { WebhooksTable } from '../tables.ts';
import { createDeliveries } from './deliveries.ts';

/** Keeps webhooks and their deliveries in a SQL database. */
export function createWebhookStore(database: SqlDatabase): WebhookStore {
  return { ...createWebhooks(database), ...createDeliveries(database) };
}

function createWebhooks({
  read,
  write,
}: SqlDatabase): Pick<WebhookStore, 'add' | 'find' | 'list' | 'change' | 'remove'> {
  return {
    async add(webhook) {
      await write((transaction) => transaction.insertInto('webhooks').values(rowOf(webhook)).execute());
    },
    async find(tenant, id) {
      const of = read.selectFrom('webhooks').selectAll().where('tenant', '=', tenant);
      const row = await of.where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : webhookOf(row);
    },
    async list(tenant) {
      const of = read.selectFrom('webhooks').selectAll().where('tenant', '=', tenant);
      return (await of.orderBy('created_at').orderBy('id').execute()).map(webhookOf);
    },
    async change(tenant, id, { isPaused, secret, url, events }) {
      const row = await write((transaction) =>
        transaction
          .updateTable('webhooks')
          .set({
            // What is not named is set to itself: there is always something to set.
            id,
            ...(isPaused === undefined ? {} : { is_paused: Number(isPaused) }),
            ...(secret === undefined ? {} : { secret }),
            ...(url === undefined ? {} : { url }),
            ...(events === undefined ? {} : { events: JSON.stringify(events) }),
          })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst(),
      );
      return row === undefined ? null : webhookOf(row);
    },
    remove: (tenant, id) =>
      write(async (transaction) => {
        const webhook = transaction.deleteFrom('webhooks').where('tenant', '=', tenant).where('id', '=', id);
        const { numDeletedRows: rows } = await webhook.executeTakeFirst();
        // Nobody can see or make deliveries of a webhook that is gone.
        const log = transaction.deleteFrom('deliveries').where('tenant', '=', tenant);
        await log.where('webhook', '=', id).execute();
        return rows === 1n;
      }),
  };
}

function rowOf(webhook: Webhook): Selectable<WebhooksTable> {
  return {
    id: webhook.id,
    tenant: webhook.tenant,
    url: webhook.url,
    secret: webhook.secret,
    events: JSON.stringify(webhook.events),
    is_paused: Number(webhook.isPaused),
    created_at: webhook.createdAtMs,
  };
}

function webhookOf(row: Selectable<WebhooksTable>): Webhook {
  return {
    id: row.id,
    tenant: row.tenant,
    url: row.url,
    secret: row.secret,
    events: JSON.parse(row.events) as readonly string[],
    isPaused: row.is_paused === 1,
    createdAtMs: row.created_at,
  };
}
