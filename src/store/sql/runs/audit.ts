import type { AuditEntry } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';

/** Writes down what was done to a job in the transaction that does it: nothing is done unnoticed, or noted in vain. */
export async function noteDone(transaction: SqlTransaction, entry: AuditEntry): Promise<void> {
  const { atMs, tenant, by, action, target, detail } = entry;
  const row = { at: atMs, tenant, by_whom: by, action, target, detail: JSON.stringify(detail) };
  await transaction.insertInto('audit').values(row).execute();
}
