import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { fail, ok, type Result } from '../core/index.ts';
import type { Disk } from './disk.ts';
import { type FileRecord, versionOf } from './file-table.ts';
import { nameOf } from './name.ts';
import { checkPath } from './path.ts';

/** The truth of a workspace on disk: every write and removal, one line each. */
export interface DiskIndex {
  /** All records, oldest first. */
  readonly records: readonly FileRecord[];
  /** Adds a record for good. */
  append(record: FileRecord): Promise<Result<void>>;
}

const indexPath = '.inspan/files.jsonl';
const newline = 0x0a;

/** Reads the index of a workspace. A last line that a crash cut short is as if it had never been begun. */
export async function openDiskIndex(disk: Disk): Promise<Result<DiskIndex>> {
  const way = await disk.checkWay(indexPath);
  if (!way.ok) return way;
  const bytes = (await disk.read(indexPath)) ?? new Uint8Array();
  const read = readLines(bytes);
  if (!read.ok) return read;
  const { records, size } = read.value;
  return ok({ records, append: createAppend(disk, { size, seenSize: bytes.byteLength }) });
}

/** Where the next line goes, and how long the file was when it was last looked at. */
interface IndexEnd {
  readonly size: number;
  readonly seenSize: number;
}

function createAppend(disk: Disk, opened: IndexEnd): DiskIndex['append'] {
  let end = opened;
  return async (record) => {
    const way = await disk.checkWay(indexPath);
    if (!way.ok) return way;
    const handle = await disk.open(indexPath);
    try {
      if ((await handle.stat()).size !== end.seenSize) return ownedElsewhere;
      try {
        end = { ...end, size: await writeLine(handle, record, end) };
      } finally {
        end = { ...end, seenSize: (await handle.stat()).size };
      }
    } finally {
      await handle.close();
    }
    return ok(undefined);
  };
}

/** Writes a line and gives the size of the file after it. */
async function writeLine(
  handle: FileHandle,
  record: FileRecord,
  { size, seenSize }: IndexEnd,
): Promise<number> {
  // What a failed write left behind goes first: half a line in the middle would make the rest unreadable.
  if (seenSize !== size) await handle.truncate(size);
  const line = new TextEncoder().encode(`${JSON.stringify(lineOf(record))}\n`);
  let written = 0;
  while (written < line.byteLength) {
    written += (await handle.write(line, written, line.byteLength - written, size + written)).bytesWritten;
  }
  await handle.datasync();
  return size + line.byteLength;
}

const ownedElsewhere = fail(
  'tool-failed',
  'Something else has written to the records of this workspace. Let one run at a time use it, and open it again.',
);

const lineSchema = z.union([
  z.object({ path: z.string(), version: z.int().min(1), removed: z.literal(true) }),
  z.object({
    path: z.string(),
    version: z.int().min(1),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    bytesSize: z.int().min(0),
  }),
]);

function lineOf(record: FileRecord): z.input<typeof lineSchema> {
  if (record.type === 'here') return record.info;
  return { path: record.name.path, version: versionOf(record), removed: true };
}

interface ReadLines {
  readonly records: readonly FileRecord[];
  /** Bytes up to the end of the last whole line. */
  readonly size: number;
}

function readLines(bytes: Uint8Array): Result<ReadLines> {
  const records: FileRecord[] = [];
  let size = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, size)) {
    const record = readLine(new TextDecoder().decode(bytes.subarray(size, end)));
    if (record === null) {
      if (end === bytes.byteLength - 1) break;
      const message = `Line ${records.length + 1} of the records of this workspace is damaged. Restore the folder \`.inspan\` from a copy, or start in a new folder.`;
      return fail('tool-failed', message);
    }
    records.push(record);
    size = end + 1;
  }
  return ok({ records, size });
}

/** Gives the record of a line, or null when the line holds none. */
function readLine(line: string): FileRecord | null {
  const parsed = lineSchema.safeParse(parseJson(line));
  if (!parsed.success) return null;
  const { path, version } = parsed.data;
  const checked = checkPath(path);
  // A path that no write could have recorded would lead the plain files astray.
  if (!checked.ok || checked.value !== path) return null;
  const name = nameOf(path);
  if ('removed' in parsed.data) return { type: 'gone', name, version };
  const { hash, bytesSize } = parsed.data;
  return { type: 'here', name, info: { path, hash, bytesSize, version } };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
