import { canonicalJson, failure, InspanError, type Page } from '../../core/index.ts';

/** Where a page of a list that is sorted by time begins: behind this entry. */
export interface Cursor {
  readonly atMs: number;
  /** Tells entries of one moment apart. */
  readonly id: string;
}

/** Makes a page of rows, of which one more than `limit` was asked for: it tells whether there is another page. */
export function pageOf<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => Cursor): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(cursorOf(last)) : null };
}

/** Writes a cursor: nothing that its reader does not know from the page already. */
export function writeCursor({ atMs, id }: Cursor): string {
  return Buffer.from(canonicalJson([atMs, id])).toString('base64url');
}

/** Reads a cursor. Throws an `InspanError` (`wrong-input`) where it is none of ours. */
export function readCursor(text: string): Cursor {
  const [atMs, id, ...more] = listIn(text);
  if (
    !Number.isSafeInteger(atMs) ||
    typeof id !== 'string' ||
    !/^[\w-]{1,128}$/.test(id) ||
    more.length > 0
  ) {
    throw wrongCursor();
  }
  return { atMs: atMs as number, id };
}

/** Says that a page cannot begin there. */
export function wrongCursor(): InspanError {
  const message = 'The cursor is not one that a page of this list gave. Begin without one.';
  return new InspanError([failure('wrong-input', message)]);
}

function listIn(text: string): readonly unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(read) ? read : [];
  } catch {
    // Whatever it is, no page gave it.
    return [];
  }
}
