import {
  type Blobs,
  type FileChange,
  type FileInfo,
  hashBytes,
  type Json,
  type StepRecord,
} from '../../../core/index.ts';
import { commitMax } from './parts.ts';

/** Text of a file that is longer stands in its blob alone: below, a look-up costs more than the characters do. */
const textCharactersMax = 200;
/** JSON of a value that is longer stands in a blob: a page of a journal stays small enough to be read at once. */
const valueCharactersMax = 8 * 1024;

/** A record as its row says it: large parts are named by the hashes of their blobs. */
type PackedRecord = PackedStep & { readonly changes?: readonly PackedChange[] };
type PackedStep = Exclude<StepRecord, { readonly changes?: unknown }> | (PackedEnd & Partial<ValueBlob>);
type PackedEnd = Omit<Extract<StepRecord, { readonly changes?: readonly FileChange[] }>, 'changes'>;

interface ValueBlob {
  readonly valueBlob: string;
}

/** Every content stands in a blob, as the file it is; short text stands here too. */
type PackedChange =
  | {
      readonly path: string;
      readonly version: number;
      readonly hash: string;
      readonly size: number;
      readonly text?: string;
      readonly isText: boolean;
    }
  | { readonly path: string; readonly version: number; readonly removed: true };

/** A record ready for its row, and what belongs to it beside the row. */
export interface Packed {
  readonly text: string;
  /** Blobs it names. */
  readonly hashes: readonly string[];
  /** What it says of files, in its order. */
  readonly files: readonly FileTold[];
}

/** A packed record that is new, and the contents to keep with it, by hash. */
export interface PackedAnew extends Packed {
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** A file's new state: its newest version, or that it is gone. */
export type FileTold = FileInfo | { readonly path: string; readonly version: number; readonly removed: true };

/** Takes the large parts out of a record. Blobs that are too long to be kept with it are kept before. */
export async function packRecord(blobs: Blobs, record: StepRecord): Promise<PackedAnew> {
  const changes = 'changes' in record ? record.changes : undefined;
  const value = record.type === 'done' ? JSON.stringify(record.value) : '';
  const isLarge = value.length > valueCharactersMax;
  // Most records change no file and are short: there is nothing to wait for.
  if (changes === undefined && !isLarge) {
    return { text: JSON.stringify(record), hashes: [], files: [], contents: new Map() };
  }
  const contents = new Map<string, Uint8Array>();
  const keep = async (bytes: Uint8Array): Promise<string> => {
    if (bytes.byteLength > commitMax.bytes) return await blobs.put(bytes);
    const hash = hashBytes(bytes);
    contents.set(hash, bytes);
    return hash;
  };
  const packed =
    changes === undefined ? [] : await Promise.all(changes.map((each) => packChange(each, keep)));
  const valueBlob = isLarge ? await keep(Buffer.from(value)) : null;
  const small = {
    ...record,
    ...(changes === undefined ? {} : { changes: packed }),
    ...(valueBlob === null ? {} : { value: null, valueBlob }),
  };
  return { text: JSON.stringify(small), ...toldBy(small as PackedRecord), contents };
}

/** What a packed record names and says of files. */
export function readPacked(text: string): Packed {
  return { text, ...toldBy(JSON.parse(text) as PackedRecord) };
}

/** Puts records together again as they were kept. Throws when a blob is missing: then the storage is broken. */
export async function unpackRecords(blobs: Blobs, texts: readonly string[]): Promise<readonly StepRecord[]> {
  const packed = texts.map((text) => JSON.parse(text) as PackedRecord);
  const hashes = new Set(packed.flatMap(blobsNeeded));
  const found = hashes.size === 0 ? new Map<string, Uint8Array>() : await blobs.getAll([...hashes]);
  const bytesOf = (hash: string): Buffer => {
    const bytes = found.get(hash);
    if (bytes === undefined)
      throw new Error(`The blob ${hash} of a recorded step is missing from the store.`);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  return packed.map((each) => unpack(each, bytesOf));
}

async function packChange(
  change: FileChange,
  keep: (bytes: Uint8Array) => Promise<string>,
): Promise<PackedChange> {
  if ('removed' in change) return change;
  const { path, version } = change;
  const isText = 'text' in change;
  const bytes = isText ? Buffer.from(change.text) : Buffer.from(change.base64, 'base64');
  const hash = await keep(bytes);
  const short = isText && change.text.length <= textCharactersMax ? { text: change.text } : {};
  return { path, version, hash, size: bytes.byteLength, isText, ...short };
}

function toldBy(record: PackedRecord): Omit<Packed, 'text'> {
  const changes = record.changes ?? [];
  const contents = changes.flatMap((each) => ('removed' in each ? [] : [each.hash]));
  return {
    hashes:
      'valueBlob' in record && record.valueBlob !== undefined ? [...contents, record.valueBlob] : contents,
    files: changes.map((each) =>
      'removed' in each
        ? each
        : { path: each.path, hash: each.hash, bytesSize: each.size, version: each.version },
    ),
  };
}

/** Only what does not stand in the row. */
function blobsNeeded(record: PackedRecord): readonly string[] {
  const changes = record.changes ?? [];
  const contents = changes.flatMap((each) =>
    'removed' in each || each.text !== undefined ? [] : [each.hash],
  );
  return 'valueBlob' in record && record.valueBlob !== undefined ? [...contents, record.valueBlob] : contents;
}

function unpack(record: PackedRecord, bytesOf: (hash: string) => Buffer): StepRecord {
  const { changes, ...step } = record;
  const { valueBlob, ...rest } = step as PackedEnd & Partial<ValueBlob>;
  const value = valueBlob === undefined ? {} : { value: JSON.parse(bytesOf(valueBlob).toString()) as Json };
  const whole = changes?.map((change): FileChange => {
    if ('removed' in change) return change;
    const { path, version, text, hash, isText } = change;
    if (text !== undefined) return { path, version, text };
    const bytes = bytesOf(hash);
    return isText
      ? { path, version, text: bytes.toString() }
      : { path, version, base64: bytes.toString('base64') };
  });
  return { ...rest, ...value, ...(whole === undefined ? {} : { changes: whole }) } as StepRecord;
}

/** Keeps JSON as a blob; gives its hash. */
export async function keepJson(blobs: Blobs, value: unknown): Promise<string> {
  return await blobs.put(Buffer.from(JSON.stringify(value)));
}

/** Reads JSON that was kept as a blob. Throws where its bytes are null: then the storage is broken. */
export function parseBlob<T>(hash: string, bytes: Uint8Array | null): T {
  if (bytes === null) throw new Error(`The blob ${hash} of a job is missing from the store.`);
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as T;
}
