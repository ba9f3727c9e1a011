import { failureLine, type Json, type Run, type Stepped, type Workspace } from '../core/index.ts';

/**
 * Makes the recorded changes of a step true and reports them. Replayed ones are true already: a job that is
 * taken up again has its workspace rebuilt from the journal before anything runs.
 */
export async function applyChanges(
  { changes, replayed }: Stepped<Json>,
  { agent, workspace }: { readonly agent: string; readonly workspace: Workspace },
  run: Run,
): Promise<void> {
  if (replayed || changes.length === 0) return;
  const applied = await workspace.apply(changes);
  // The change was checked when it was staged: only a broken disk or a bug leads here, and a restart recovers.
  if (!applied.ok) throw new Error(`A recorded change could not be applied: ${failureLine(applied.failure)}`);
  for (const { path, version } of changes) {
    const written = await workspace.read(path);
    const bytesSize = written.ok ? written.value.bytesSize : 0;
    run.emit({ type: 'file-written', agent, path, bytesSize, version });
  }
}
