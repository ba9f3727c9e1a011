import { fileContract } from './contract-files.ts';
import type { WorkspacePromise } from './contract-promise.ts';
import { viewContract } from './contract-views.ts';

/** What every workspace promises, wherever it keeps its files. Give each entry to your test runner. */
export const workspaceContract: readonly WorkspacePromise[] = Object.freeze([
  ...fileContract,
  ...viewContract,
]);
