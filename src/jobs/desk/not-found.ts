import { fail, type JobRecord, type Result, type RunStore } from '../../core/index.ts';
import type { Caller } from '../desk.ts';
import { isWord } from './check-terms.ts';

/** Finds a caller's job. A neighbour's is never told apart from one that does not exist. */
export async function findJob(runs: RunStore, { tenant }: Caller, id: string): Promise<Result<JobRecord>> {
  const record = isId(id) ? await runs.find(tenant, id) : null;
  return record === null ? jobNotFound(id) : { ok: true, value: record };
}

/** Says whether a text can be an id. Others are not even looked up: no store could hold them all. */
export function isId(id: string): boolean {
  return isWord(id, idCharactersMax);
}

/** Says that there is no such job. */
export function jobNotFound(id: string): Result<never> {
  const shown = isId(id) ? `job ${id}` : 'such job';
  return fail('not-found', `There is no ${shown}: check its id, or list the jobs there are.`);
}

/** Ids are shorter, whoever names jobs and schedules. */
const idCharactersMax = 128;
