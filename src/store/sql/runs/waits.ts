import type { Selectable } from 'kysely';
import type { Wait } from '../../../core/index.ts';
import type { SqlDatabase } from '../database.ts';
import type { SignalsTable } from '../tables.ts';

/** What decides whether a value is for a wait. */
export type Addressed = Pick<Selectable<SignalsTable>, 'name' | 'key'>;

/** Says whether a value is for a wait: it names its key, or no key and its signal. */
export function isFor({ name, key }: Addressed, wait: Pick<Wait, 'key' | 'signal'>): boolean {
  return key === null ? name === wait.signal : key === wait.key;
}

/** The unused values of a job, oldest first. */
export async function unusedSignals(
  executor: SqlDatabase['read'],
  job: string,
): Promise<readonly Selectable<SignalsTable>[]> {
  return await executor
    .selectFrom('signals')
    .selectAll()
    .where('job', '=', job)
    .where('taken_by', 'is', null)
    .orderBy('place')
    .execute();
}
