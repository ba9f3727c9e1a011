import type { FileChange } from '../core/index.ts';
import { type FileRecord, fileGone, fileHere, type KeptFile, versionOf } from './file-table.ts';
import { decodeExactly, encodeText } from './text.ts';

/**
 * What a stage changed, as a journal keeps it.
 * The last state of each path, sorted by path, one version above what it found; made and removed again is no change.
 */
export function changesOf(kept: readonly KeptFile[]): readonly FileChange[] {
  return kept
    .filter(({ record, before }) => record.type === 'here' || before?.type === 'here')
    .map(changeOf)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The state that a change brings about, and the bytes of its file. */
export function fileOf(
  change: FileChange,
  path: string,
): { readonly record: FileRecord; readonly bytes: Uint8Array } {
  if ('removed' in change) return { record: fileGone(path, change.version), bytes: new Uint8Array() };
  const bytes =
    'text' in change ? encodeText(change.text) : Uint8Array.from(Buffer.from(change.base64, 'base64'));
  return { record: fileHere(path, bytes, change.version), bytes };
}

function changeOf({ record, bytes, before }: KeptFile): FileChange {
  const { path } = record.name;
  const version = versionOf(before) + 1;
  if (record.type === 'gone') return { path, version, removed: true };
  const text = decodeExactly(bytes);
  return text === null
    ? { path, version, base64: Buffer.from(bytes).toString('base64') }
    : { path, version, text };
}
