import type { FileInfo } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';

/** Rows of one statement: two to five parameters each, far below what a statement may have (SQLite: 32,766). */
const rowsMax = 1000;

/** Says that a job names blobs: they stay as long as it does. */
export async function useBlobs(
  transaction: SqlTransaction,
  uses: readonly { readonly job: string; readonly hash: string }[],
): Promise<void> {
  for (let at = 0; at < uses.length; at += rowsMax) {
    await transaction
      .insertInto('blob_uses')
      .values(uses.slice(at, at + rowsMax))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** A file, and whose it is. */
export type JobFile = FileInfo & { readonly job: string };

/** Keeps the newest versions of jobs' files, each named once; an older version never replaces a newer one. */
export async function keepFiles(transaction: SqlTransaction, files: readonly JobFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += rowsMax) {
    const rows = files
      .slice(at, at + rowsMax)
      .map(({ job, path, hash, bytesSize, version }) => ({ job, path, hash, size: bytesSize, version }));
    await transaction
      .insertInto('files')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['job', 'path'])
          .doUpdateSet((to) => ({
            hash: to.ref('excluded.hash'),
            size: to.ref('excluded.size'),
            version: to.ref('excluded.version'),
          }))
          .whereRef('excluded.version', '>=', 'files.version'),
      )
      .execute();
  }
}

/** Forgets files that were removed, unless they were written again since. */
export async function forgetFiles(
  transaction: SqlTransaction,
  removed: readonly { readonly job: string; readonly path: string; readonly version: number }[],
): Promise<void> {
  for (const { job, path, version } of removed) {
    await transaction
      .deleteFrom('files')
      .where('job', '=', job)
      .where('path', '=', path)
      .where('version', '<=', version)
      .execute();
  }
}
