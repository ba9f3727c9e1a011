import { type RawBuilder, sql } from 'kysely';
import type { SqlDatabase } from '../database.ts';
import { coalesce } from './coalesce.ts';

/** How asks that come together are answered. */
export interface Reading<Ask, Answer> {
  /** At most this many asks in a statement. */
  readonly asksMax: number;
  /** Answers a batch, ask by ask. When the storage fails, it rejects for every ask of the batch. */
  run(asks: readonly Ask[]): Promise<readonly Answer[]>;
}

/**
 * Makes a read that is shared on Postgres: asks that come together are one statement.
 * In SQLite, where a statement is a call, each ask is a batch of its own.
 */
export function readTogether<Ask, Answer>(
  { kind }: SqlDatabase,
  { asksMax, run }: Reading<Ask, Answer>,
): (ask: Ask) => Promise<Answer> {
  if (kind === 'postgres') return coalesce({ keyOf: () => null, itemsMax: asksMax, run });
  return async (ask) => (await run([ask]))[0] as Answer;
}

/** Says whether a column holds one of some values. In Postgres the text of it is the same for any number of them. */
export function isOneOf(
  { kind }: SqlDatabase,
  column: string,
  values: readonly string[],
): RawBuilder<boolean> {
  return kind === 'postgres'
    ? sql`${sql.ref(column)} = any(${values}::text[])`
    : sql`${sql.ref(column)} in (${sql.join(values)})`;
}
