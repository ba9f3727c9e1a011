import type { Page } from '../../../core/index.ts';

/** Reads the cursor of a list that is sorted by place, newest first; null where it is none of ours. */
export function placeBefore(cursor: string | undefined): number | null {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const place = Number(cursor);
  return /^\d+$/.test(cursor) && Number.isSafeInteger(place) ? place : null;
}

/** Makes a page of rows, of which one more than `limit` was asked for: it tells whether there is another page. */
export function pageByPlace<Row extends { readonly place: number }, T>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(itemOf),
    next: rows.length > limit && last !== undefined ? String(last.place) : null,
  };
}
