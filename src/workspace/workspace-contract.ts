import type { Workspace } from '../core/index.ts';
import { fileContract } from './contract-files.ts';
import { viewContract } from './contract-views.ts';

/** One promise of a workspace and the check that holds it. */
export interface WorkspacePromise {
  readonly promise: string;
  /** Fails by throwing. `open` gives a new, empty workspace. */
  check(open: () => Promise<Workspace>): Promise<void>;
}

/** What every workspace promises, wherever it keeps its files. Give each entry to your test runner. */
export const workspaceContract: readonly WorkspacePromise[] = Object.freeze([...fileContract, ...viewContract]);
