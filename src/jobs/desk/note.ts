import type { AuditEntry } from '../../core/index.ts';
import type { Caller } from '../desk.ts';
import type { DeskParts } from './desk-parts.ts';

/** Writes into the audit log what a caller did. */
export async function note(
  { store, clock }: DeskParts,
  { tenant, by }: Caller,
  entry: Pick<AuditEntry, 'action' | 'target' | 'detail'>,
): Promise<void> {
  await store.audit.add({ atMs: clock.now(), tenant, by, ...entry });
}
