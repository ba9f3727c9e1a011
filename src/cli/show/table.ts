import { columnsOf, padColumns } from './wording.ts';

/** Columns of text that stand under each other. */
export interface Table {
  readonly rows: readonly (readonly string[])[];
  /** Columns, counted from 0, whose text stands at the right: numbers. */
  readonly right?: readonly number[];
}

const gap = '  ';

/** Lays rows out in columns as wide as their widest text. A column that is empty in all rows is left out. */
export function tableLines({ rows, right = [] }: Table): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => columnsOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    widths
      .map(
        (width, column) =>
          ({ width, text: row[column] ?? '', side: right.includes(column) ? 'right' : 'left' }) as const,
      )
      .filter(({ width }) => width > 0)
      .map(({ width, text, side }) => padColumns(text, width, side))
      .join(gap)
      .trimEnd(),
  );
}
