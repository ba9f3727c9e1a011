import type { ColumnTypes } from './column-types.ts';

/** How many workers a job has lost in a row. */
export function losses({ number }: ColumnTypes): readonly string[] {
  return [`alter table jobs add column losses ${number} not null default 0`];
}
