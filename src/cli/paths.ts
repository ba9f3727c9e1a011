import { stat } from 'node:fs/promises';

/** Says what is at a path. A file that stands where a folder should be on the way is in the way, too. */
export async function kindOf(path: string): Promise<'nothing' | 'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    // What may not even be looked at stops whoever writes there, and they say so.
    return code === 'ENOTDIR' ? 'file' : 'nothing';
  }
}

/** The system's own code of a failed call, such as `ENOENT`; null for other errors. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
