import type { AuditEntry } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';

/** Writes down what was done to a job in the transaction that does it: nothing is done unnoticed, or noted in vain. */
export async function noteDone(
  transaction: SqlTransaction,
  ...entries: readonly AuditEntry[]
): Promise<void> {
  if (entries.length === 0) return;
  await transaction.insertInto('audit').values(entries.map(auditRow)).execute();
}

function auditRow({ atMs, tenant, by, action, target, detail }: AuditEntry) {
  return { at: atMs, tenant, by_whom: by, action, target, detail: JSON.stringify(detail) };
}
