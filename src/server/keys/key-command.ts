import type { StorageKind } from '../parts.ts';

/**
 * The command that makes a key for a server, for texts that anybody may read: it names no place of the operator's.
 * A plain `inspan keys create` could make one in another database.
 */
export function keyCommand(storage: StorageKind, server: 'running' | 'stopped' = 'running'): string {
  // A file belongs to the server that runs on it.
  const ofFile = server === 'running' ? '--url <the address of this server>' : '--database <its file>';
  const place = storage === 'file' ? ofFile : '--database postgres://…';
  return `inspan keys create --scope admin ${place}`;
}
