import { sql } from 'kysely';
import type { SqlDatabase, SqlTransaction } from '../database.ts';
import { type JsonColumn, jsonRows } from './json-rows.ts';
import type { JobRow } from './parts.ts';

/** The columns that a move may change; all others stay as the job was accepted. */
const changedColumns = {
  state: 'text',
  version: 'bigint',
  epoch: 'bigint',
  attempts: 'bigint',
  not_before: 'bigint',
  deadline_at: 'bigint',
  ended_at: 'bigint',
  worker: 'text',
  cancel_asked: 'bigint',
  waits: 'text',
  wake_at: 'bigint',
  failure: 'text',
  cost: 'text',
  output: 'text',
  event_seq: 'bigint',
  losses: 'bigint',
} as const satisfies Partial<Record<keyof JobRow, JsonColumn>>;

/** What a move may change of a job's row. */
export type ChangedColumns = Pick<JobRow, keyof typeof changedColumns>;

const names = Object.keys(changedColumns) as readonly (keyof ChangedColumns)[];
const writeRow = `update jobs set ${names.map((name) => `${name} = ?`).join(', ')} where id = ?`;

/** Writes jobs' rows as they are now. All of them in one statement where every statement is a round trip. */
export async function writeRows(
  { call }: SqlDatabase,
  transaction: SqlTransaction,
  rows: readonly JobRow[],
): Promise<void> {
  if (call !== null) {
    for (const row of rows) call(writeRow, [...names.map((name) => row[name]), row.id]);
    return;
  }
  const changed = rows.map((row) =>
    Object.fromEntries(['id' as const, ...names].map((name) => [name, row[name]])),
  );
  const given = jsonRows({ id: 'text', ...changedColumns }, changed);
  const set = names.map((name) => sql`${sql.ref(name)} = given.${sql.ref(name)}`);
  await sql`
    update jobs set ${sql.join(set)} from ${given} as given where jobs.id = given.id`.execute(transaction);
}
