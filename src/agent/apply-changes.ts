import {
  type FileChange,
  fail,
  type Json,
  ok,
  type Result,
  type Run,
  type Stepped,
  type Workspace,
} from '../core/index.ts';

/**
 * Makes the recorded changes of a step true and reports them. Replayed ones are true already: a job that is
 * taken up again has its workspace rebuilt from the journal before anything runs. They are reported all the same: a
 * crash may have come between the record and the report. A change was checked when it was staged, so only the storage
 * itself can refuse it now: the job stops, and a later start finds the change recorded.
 */
export async function applyChanges(
  { changes, replayed }: Stepped<Json>,
  { agent, workspace }: { readonly agent: string; readonly workspace: Workspace },
  run: Run,
): Promise<Result<void>> {
  const applied = replayed || changes.length === 0 ? ok(undefined) : await workspace.apply(changes);
  if (!applied.ok)
    return fail('storage-failed', `The files of the job could not be kept: ${applied.failure.message}`);
  for (const change of changes) {
    const { path, version } = change;
    run.emit({ type: 'file-written', agent, path, bytesSize: sizeOf(change), version });
  }
  return ok(undefined);
}

/** What the change says, not what the file has become since. */
function sizeOf(change: FileChange): number {
  if ('text' in change) return Buffer.byteLength(change.text);
  return 'base64' in change ? Buffer.byteLength(change.base64, 'base64') : 0;
}
