import { fail, type Json, ok, type Result, type Run, type Stepped, type Workspace } from '../core/index.ts';

/**
 * Makes the recorded changes of a step true and reports them. Replayed ones are true already: a job that is
 * taken up again has its workspace rebuilt from the journal before anything runs. A change was checked when it was
 * staged, so only the storage itself can refuse it now: the job stops, and a later start finds the change recorded.
 */
export async function applyChanges(
  { changes, replayed }: Stepped<Json>,
  { agent, workspace }: { readonly agent: string; readonly workspace: Workspace },
  run: Run,
): Promise<Result<void>> {
  if (replayed || changes.length === 0) return ok(undefined);
  const applied = await workspace.apply(changes);
  if (!applied.ok)
    return fail('storage-failed', `The files of the job could not be kept: ${applied.failure.message}`);
  for (const { path, version } of changes) {
    const written = await workspace.read(path);
    const bytesSize = written.ok ? written.value.bytesSize : 0;
    run.emit({ type: 'file-written', agent, path, bytesSize, version });
  }
  return ok(undefined);
}
