import { type RawBuilder, sql } from 'kysely';
import type { SqlDatabase } from '../database.ts';

/** The type of a column, by its name in each dialect. */
export type JsonColumn = 'text' | 'number';

/**
 * Says of a job that is joined with given rows that it runs. Not by the plain column: SQLite would walk through all
 * running jobs by its index, and through the given rows for each of them, instead of looking up the few by their ids.
 */
export const isRunning = sql<boolean>`coalesce(jobs.state, '') = 'running'`;

/**
 * Makes a table of any number of rows out of one parameter: one statement for all of them, whatever their number,
 * and always the same text of it. `place` is added: the row's place, from 0.
 */
export function jsonRows(
  kind: SqlDatabase['kind'],
  columns: Readonly<Record<string, JsonColumn>>,
  rows: readonly Readonly<Record<string, string | number>>[],
): RawBuilder<unknown> {
  const placed = JSON.stringify(rows.map((row, place) => ({ ...row, place })));
  const named: readonly [string, JsonColumn][] = [...Object.entries(columns), ['place', 'number']];
  if (kind === 'postgres') {
    const types = named.map(
      ([name, type]) => sql`${sql.ref(name)} ${sql.raw(type === 'text' ? 'text' : 'bigint')}`,
    );
    return sql`(select * from json_to_recordset(${placed}::json) as given(${sql.join(types)}))`;
  }
  const values = named.map(([name]) => sql`value ->> ${sql.lit(`$.${name}`)} as ${sql.ref(name)}`);
  return sql`(select ${sql.join(values)} from json_each(${placed}))`;
}
