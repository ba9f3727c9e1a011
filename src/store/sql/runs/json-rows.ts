import { type RawBuilder, sql } from 'kysely';

/** The type of a column in Postgres. */
export type JsonColumn = 'text' | 'bigint';

/**
 * Makes a table of any number of rows out of one parameter, in Postgres: one statement for all of them, whatever their
 * number, and always the same text of it. `place` is added: the row's place, from 0.
 */
export function jsonRows(
  columns: Readonly<Record<string, JsonColumn>>,
  rows: readonly object[],
): RawBuilder<unknown> {
  const placed = JSON.stringify(rows.map((row, place) => ({ ...row, place })));
  const types = Object.entries({ ...columns, place: 'bigint' }).map(
    ([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`,
  );
  return sql`(select * from json_to_recordset(${placed}::json) as given(${sql.join(types)}))`;
}
