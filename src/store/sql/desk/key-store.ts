import type { Selectable } from 'kysely';
import type { ApiKey, KeyScope, KeyStore } from '../../../core/index.ts';
import type { SqlDatabase, SqlTransaction } from '../database.ts';
import type { ApiKeysTable } from '../tables.ts';

/** Keeps API keys in a SQL database. */
export function createKeyStore({ read, write }: SqlDatabase): KeyStore {
  return {
    async add(key) {
      await write((transaction) => transaction.insertInto('api_keys').values(rowOf(key)).execute());
    },
    async findByHash(hash) {
      const row = await read.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
      return row === undefined ? null : keyOf(row);
    },
    async list(tenant) {
      const all = read.selectFrom('api_keys').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      const rows = await (tenant === null ? all : all.where('tenant', '=', tenant)).execute();
      return rows.map(keyOf);
    },
    revoke: (id, atMs) =>
      write(async (transaction) => {
        const update = transaction.updateTable('api_keys').set({ revoked_at: atMs }).where('id', '=', id);
        // Whoever revokes it a second time does not move the moment it ended.
        await update.where('revoked_at', 'is', null).execute();
        return findKey(transaction, id);
      }),
    expire: (id, atMs) =>
      write(async (transaction) => {
        const update = transaction.updateTable('api_keys').set({ expires_at: atMs }).where('id', '=', id);
        // Nobody gets a longer life by being told when to end.
        await update
          .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', atMs)]))
          .execute();
        return findKey(transaction, id);
      }),
    async markUsed(id, atMs) {
      await write((transaction) =>
        transaction
          .updateTable('api_keys')
          .set({ used_at: atMs })
          .where('id', '=', id)
          .where((is) => is.or([is('used_at', 'is', null), is('used_at', '<', atMs)]))
          .execute(),
      );
    },
    async any() {
      const row = await read.selectFrom('api_keys').select('id').limit(1).executeTakeFirst();
      return row !== undefined;
    },
  };
}

async function findKey(transaction: SqlTransaction, id: string): Promise<ApiKey | null> {
  const row = await transaction.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : keyOf(row);
}

function rowOf(key: ApiKey): Selectable<ApiKeysTable> {
  return {
    id: key.id,
    tenant: key.tenant,
    prefix: key.prefix,
    hash: key.hash,
    label: key.label,
    scopes: JSON.stringify(key.scopes),
    created_at: key.createdAtMs,
    expires_at: key.expiresAtMs,
    revoked_at: key.revokedAtMs,
    used_at: key.usedAtMs,
  };
}

function keyOf(row: Selectable<ApiKeysTable>): ApiKey {
  return {
    id: row.id,
    tenant: row.tenant,
    prefix: row.prefix,
    hash: row.hash,
    label: row.label,
    scopes: JSON.parse(row.scopes) as readonly KeyScope[],
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    revokedAtMs: row.revoked_at,
    usedAtMs: row.used_at,
  };
}
