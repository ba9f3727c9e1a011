import type { MovedResult } from '../context/index.ts';
import { hashBytes, hashJson, type Json, ok, type Result, type Run, recalled } from '../core/index.ts';
import { applyChanges } from './apply-changes.ts';
import type { Assignment } from './role.ts';

/** Tool results that are to leave a conversation. */
export interface ResultsToMove {
  readonly assignment: Assignment;
  readonly results: readonly MovedResult[];
  /** Names the step. */
  readonly key: string;
}

/**
 * Moves tool results to files, as a step: what it changed is recorded and applied like a tool's.
 * Returns those that can be read again; what could not be written has to stay.
 */
export async function moveResults(
  { assignment, results, key }: ResultsToMove,
  run: Run,
): Promise<Result<readonly MovedResult[]>> {
  const { role, workspace } = assignment;
  const copies = results.filter(({ isCopy }) => isCopy);
  if (copies.length === 0) return ok(results);
  const inputHash = hashJson(copies.map(({ id, path, text }) => ({ id, path, text: hashBytes(text) })));
  const spec = { kind: 'check', replay: 'safe', inputHash } as const;
  const stepped = await run.journal.step<Json>(key, spec, async () => {
    const staged = workspace.stage();
    const written: string[] = [];
    for (const { path, text } of copies) {
      const there = await staged.read(path);
      if (there.ok && there.value.hash === hashBytes(text)) written.push(path);
      else if ((await staged.write(path, text, null)).ok) written.push(path);
    }
    return { result: ok(written), changes: staged.changes() };
  });
  const applied = await applyChanges(stepped, { agent: role.name, workspace }, run);
  if (!applied.ok) return applied;
  const written = recalled(stepped.result, key, isList);
  if (!written.ok) return written;
  return ok(results.filter(({ isCopy, path }) => !isCopy || written.value.includes(path)));
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Whether an agent can read files: only then may anything be moved to one. */
export function canReadFiles({ role }: Assignment): boolean {
  return role.tools.some(({ name }) => name === 'read_file');
}
