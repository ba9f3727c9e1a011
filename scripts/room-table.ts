/** One row of ARCHITECTURE.md's room table: the law of imports for one room. */
export interface Room {
  /** A folder of `src`, or a file name such as `inspan.ts`. */
  readonly name: string;
  /** Rooms it may import besides `core` and itself; null: everything. */
  readonly mayImport: readonly string[] | null;
}

/**
 * Reads the room table out of ARCHITECTURE.md, in the order it is written.
 * Throws when there is no table or a row says something other than rooms, `nothing` or `everything`.
 */
export function readRoomTable(markdown: string): readonly Room[] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => /^\| *room *\|/.test(line));
  if (head < 0) throw new Error('ARCHITECTURE.md has no table that begins with "| room |"');
  const rows = lines.slice(head + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return (end < 0 ? rows : rows.slice(0, end)).flatMap(readRow);
}

/** Says whether a room is a leaf: it may import `core` only. */
export function isLeaf(room: Room): boolean {
  return room.mayImport?.length === 0;
}

/** Says whether a row names a folder of `src`; the others are single files. */
export function isFolder(room: Room): boolean {
  return !room.name.endsWith('.ts');
}

function readRow(row: string): readonly Room[] {
  const [, names = '', , law = ''] = row.split('|').map((cell) => cell.trim());
  return inBackticks(names).map((name) => ({ name, mayImport: readLaw(law, row) }));
}

function readLaw(law: string, row: string): Room['mayImport'] {
  if (law === 'everything') return null;
  if (law === 'nothing') return [];
  const names = inBackticks(law);
  if (names.length === 0) throw new Error(`ARCHITECTURE.md: who may this room import? ${row}`);
  return names;
}

function inBackticks(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}
