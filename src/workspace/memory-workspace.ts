import type { Workspace } from '../core/index.ts';
import { createMemoryTable, limitsOf, type WorkspaceOptions } from './file-table.ts';
import { createWorkspace } from './view.ts';

/** Makes a workspace in memory, gone with the process. */
export function createMemoryWorkspace(options: WorkspaceOptions = {}): Workspace {
  return createWorkspace(createMemoryTable(limitsOf(options), null));
}
