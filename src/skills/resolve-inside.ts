import { access, constants, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';

/** What a path on disk is, once every link is followed. */
export type Resolved =
  | { readonly type: 'file'; readonly path: string; readonly bytesSize: number }
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'outside' | 'missing' | 'unreadable' };

/** Follows all links of a path and says where it ends. `root` (itself resolved): what is beyond it is `outside`. */
export async function resolveInside(root: string | null, path: string): Promise<Resolved> {
  try {
    const real = await realpath(path);
    if (root !== null && real !== root && !real.startsWith(root + sep)) return { type: 'outside' };
    const info = await stat(real);
    await access(real, info.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
    if (info.isDirectory()) return { type: 'directory', path: real };
    return info.isFile() ? { type: 'file', path: real, bytesSize: info.size } : { type: 'unreadable' };
  } catch (error) {
    // Only errors of the system have a `syscall`; anything else is a bug.
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    return { type: error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 'missing' : 'unreadable' };
  }
}
