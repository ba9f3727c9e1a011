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

/** Says whether a job has an unused value for one of some waits. */
export async function hasSignalFor(
  executor: Pick<SqlDatabase['read'], 'selectFrom'>,
  job: string,
  waits: readonly Wait[],
): Promise<boolean> {
  const keys = waits.map(({ key }) => key);
  const names = waits.flatMap(({ signal }) => (signal === null ? [] : [signal]));
  const found = await executor
    .selectFrom('signals')
    .select('place')
    .where('job', '=', job)
    .where('taken_by', 'is', null)
    .where((on) =>
      on.or([
        on('key', 'in', keys),
        ...(names.length === 0 ? [] : [on.and([on('key', 'is', null), on('name', 'in', names)])]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
