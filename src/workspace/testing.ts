export type { WorkspacePromise } from './contract-promise.ts';
export { workspaceContract } from './workspace-contract.ts';
