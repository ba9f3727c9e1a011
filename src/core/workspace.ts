import type { Result } from './result.ts';

/** The files of one job. Content-addressed and versioned; every path is checked; nothing here throws. */
export interface Workspace {
  /** The newest version of a file. */
  read(path: string): Promise<Result<FileContent>>;
  /**
   * Writes a whole file. `expectVersion`: null writes whatever is there, 0 only creates, n only replaces version n.
   * Every write makes a new version, also one with the same bytes.
   */
  write(path: string, bytes: Uint8Array | string, expectVersion: number | null): Promise<Result<FileInfo>>;
  remove(path: string): Promise<Result<void>>;
  /** All files this view may read, sorted by path. */
  list(): Promise<readonly FileInfo[]>;
  /** A narrower view. Rights only shrink: what this view refuses, every view made from it refuses. */
  scope(rules: ScopeRules): Workspace;
  /** A view whose writes are kept aside until someone applies them. */
  stage(): StagedWorkspace;
  /** Makes recorded changes true. Applying them again changes nothing. */
  apply(changes: readonly FileChange[]): Promise<Result<void>>;
}

/** A view that remembers what was written in it instead of writing it. */
export interface StagedWorkspace extends Workspace {
  /** What was written, the last state of each path, sorted by path. */
  changes(): readonly FileChange[];
}

/** What a file is, without its content. */
export interface FileInfo {
  readonly path: string;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly bytesSize: number;
  /** Counts the writes of this path from 1. */
  readonly version: number;
}

/** A file and its content. */
export interface FileContent extends FileInfo {
  readonly bytes: Uint8Array;
}

/** One file's new state, as a journal keeps it: base64 when the bytes are not UTF-8 text. */
export type FileChange =
  | { readonly path: string; readonly version: number; readonly text: string }
  | { readonly path: string; readonly version: number; readonly base64: string }
  | { readonly path: string; readonly version: number; readonly removed: true };

/**
 * What a view may touch. A rule is a path (`brief.md`), a folder (`drafts/`) or a glob (`drafts/*.md`).
 * What may be written may also be read.
 */
export interface ScopeRules {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}
