export { openDiskWorkspace } from './disk-workspace.ts';
export type { WorkspaceOptions } from './file-table.ts';
export { fileTools } from './file-tools.ts';
export { createMemoryWorkspace } from './memory-workspace.ts';
export { checkPath } from './path.ts';
export { checkRule, ruleMatches } from './rule.ts';
export { decodeText } from './text.ts';
