import assert from 'node:assert/strict';
import type { FailureCode, Result, Workspace } from '../core/index.ts';

/** One promise of a workspace and the check that holds it. */
export interface WorkspacePromise {
  readonly promise: string;
  /** Fails by throwing. `open` gives a new, empty workspace. */
  check(open: () => Promise<Workspace>): Promise<void>;
}

/** The value of a result that must be a success. */
export function value<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.failure.code}: ${result.failure.message}`);
  return result.value;
}

/** The message of a result that must be this failure. */
export function refused(result: Result<unknown>, code: FailureCode): string {
  assert.ok(!result.ok, `expected ${code}, but the call succeeded`);
  assert.equal(result.failure.code, code, result.failure.message);
  return result.failure.message;
}

/** The text of a file that must be there. */
export async function textOf(files: Workspace, path: string): Promise<string> {
  return new TextDecoder().decode(value(await files.read(path)).bytes);
}

/** The paths that a view lists. */
export async function pathsOf(files: Workspace): Promise<readonly string[]> {
  return (await files.list()).map(({ path }) => path);
}
