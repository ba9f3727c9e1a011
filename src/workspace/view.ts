import {
  type FileChange,
  type FileContent,
  type FileInfo,
  fail,
  ok,
  type Result,
  type StagedWorkspace,
  type Workspace,
} from '../core/index.ts';
import { changesOf, fileOf } from './change.ts';
import {
  createMemoryTable,
  type FileRecord,
  type FileTable,
  fileGone,
  fileHere,
  versionOf,
} from './file-table.ts';
import { type Clash, clashOf, nameOf } from './name.ts';
import { checkPath, quotePath } from './path.ts';
import { checkRead, checkWrite, compileScope, mayRead, type Scope } from './scope.ts';
import { encodeText } from './text.ts';

/** A table as someone may see it. */
interface View {
  readonly table: FileTable;
  /** What narrows it, the widest first. All must allow. */
  readonly scopes: readonly Scope[];
}

/** Puts the rules of every workspace (paths, rights, versions, limits) before a table. */
export function createWorkspace(table: FileTable): Workspace {
  return workspaceOf({ table, scopes: [] });
}

function workspaceOf(view: View): Workspace {
  const { table, scopes } = view;
  return {
    read: (path) => read(view, path),
    write: (path, bytes, expectVersion) => {
      // Copied before the first wait: what the caller does with its array afterwards is no part of this write.
      const content = typeof bytes === 'string' ? encodeText(bytes) : bytes.slice();
      return table.inTurn(() => write(view, { path, bytes: content, expectVersion }));
    },
    remove: (path) => table.inTurn(() => remove(view, path)),
    list: async () => list(view),
    scope: (rules) => workspaceOf({ table, scopes: [...scopes, compileScope(rules)] }),
    stage: () => stage(view),
    apply: (changes) => table.inTurn(() => apply(view, changes)),
  };
}

function stage({ table, scopes }: View): StagedWorkspace {
  const overlay = createMemoryTable(table.limits, table);
  return { ...workspaceOf({ table: overlay, scopes }), changes: () => changesOf(overlay.kept()) };
}

async function read({ table, scopes }: View, path: string): Promise<Result<FileContent>> {
  const checked = checkPath(path);
  const allowed = checked.ok ? checkRead(scopes, checked.value) : checked;
  if (!allowed.ok) return allowed;
  const record = table.recordOf(allowed.value);
  if (record?.type !== 'here') return noSuchFile(allowed.value);
  const bytes = await table.bytesOf(record);
  return bytes.ok ? ok({ ...record.info, bytes: bytes.value }) : bytes;
}

function list({ table, scopes }: View): readonly FileInfo[] {
  const infos: FileInfo[] = [];
  for (const record of table.records()) {
    if (record.type === 'here' && mayRead(scopes, record.name.path)) infos.push(record.info);
  }
  return infos.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface WriteRequest {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly expectVersion: number | null;
}

async function write(view: View, { path, bytes, expectVersion }: WriteRequest): Promise<Result<FileInfo>> {
  const allowed = mayChange(view, path);
  if (!allowed.ok) return allowed;
  const before = view.table.recordOf(allowed.value);
  const conflict = versionConflict(allowed.value, before, expectVersion);
  if (conflict !== null) return conflict;
  const file = fileHere(allowed.value, bytes, versionOf(before) + 1);
  const kept = await keep(view, file, bytes);
  return kept.ok ? ok(file.info) : kept;
}

async function remove(view: View, path: string): Promise<Result<void>> {
  const allowed = mayChange(view, path);
  if (!allowed.ok) return allowed;
  const before = view.table.recordOf(allowed.value);
  if (before?.type !== 'here') return noSuchFile(allowed.value);
  return await keep(view, fileGone(allowed.value, versionOf(before) + 1), new Uint8Array());
}

/** Tries the changes on an overlay first, so that one that is refused leaves none of them behind. */
async function apply(view: View, changes: readonly FileChange[]): Promise<Result<void>> {
  // What goes makes room for what comes: a file can take the name of a folder that is emptied with it.
  const ordered = changes.toSorted((a, b) => Number('removed' in b) - Number('removed' in a));
  const trial = { ...view, table: createMemoryTable(view.table.limits, view.table) };
  // One alone leaves nothing behind when it is refused.
  for (const target of ordered.length > 1 ? [trial, view] : [view]) {
    for (const change of ordered) {
      const applied = await applyOne(target, change);
      if (!applied.ok) return applied;
    }
  }
  return ok(undefined);
}

async function applyOne(view: View, change: FileChange): Promise<Result<void>> {
  const allowed = mayChange(view, change.path);
  if (!allowed.ok) return allowed;
  if (!Number.isSafeInteger(change.version) || change.version < 1) {
    return fail(
      'version-conflict',
      `A change of ${quotePath(change.path)} has no version. Versions count from 1.`,
    );
  }
  if (change.version <= versionOf(view.table.recordOf(allowed.value))) return ok(undefined);
  const { record, bytes } = fileOf(change, allowed.value);
  return await keep(view, record, bytes);
}

function mayChange({ scopes }: View, path: string): Result<string> {
  const checked = checkPath(path);
  return checked.ok ? checkWrite(scopes, checked.value) : checked;
}

/** The last step of every change: limits and neighbours, then the table. */
async function keep(view: View, record: FileRecord, bytes: Uint8Array): Promise<Result<void>> {
  if (record.type === 'here') {
    const room = checkRoom(view, record.name.path, bytes.byteLength);
    if (!room.ok) return room;
  }
  return await view.table.keep(record, bytes);
}

function checkRoom({ table, scopes }: View, path: string, bytesSize: number): Result<void> {
  const { bytesMax, filesMax } = table.limits;
  if (bytesSize > bytesMax) {
    const sizes = `${bytesSize} bytes are more than the ${bytesMax} that a file may have`;
    return fail('tool-failed', `${quotePath(path)} was not written: ${sizes}. Split it into several files.`);
  }
  if (table.recordOf(path)?.type === 'here') return ok(undefined);
  const wanted = nameOf(path);
  let files = 0;
  for (const { type, name } of table.records()) {
    if (type !== 'here') continue;
    files += 1;
    const clash = clashOf(name, wanted);
    if (clash !== null) return clashFailure(path, clash, mayRead(scopes, name.path));
  }
  if (files < filesMax) return ok(undefined);
  return fail(
    'tool-failed',
    `${quotePath(path)} was not written: the workspace is full at ${filesMax} files. Remove one, or write to one that exists.`,
  );
}

function clashFailure(path: string, clash: Clash, isVisible: boolean): Result<never> {
  // The name of a file that this view may not read is not its to know.
  const taken = isVisible ? quotePath(clash.taken) : 'a file that you may not read';
  const reason = {
    'same-name': `it differs from ${taken} only in ways that some file systems ignore. Use that spelling, or another name`,
    'taken-is-folder': `${taken} is a folder. Choose another name`,
    'taken-is-file': `${taken} is a file and cannot hold others. Choose another folder`,
  }[clash.type];
  return fail('path-refused', `${quotePath(path)} was not written: ${reason}.`);
}

function versionConflict(
  path: string,
  before: FileRecord | undefined,
  expected: number | null,
): Result<never> | null {
  const current = before?.type === 'here' ? before.info.version : 0;
  if (expected === null || expected === current) return null;
  if (current === 0) {
    return fail(
      'version-conflict',
      `There is no ${quotePath(path)} now, so version ${expected} cannot be replaced. Create it anew.`,
    );
  }
  const found = `${quotePath(path)} is at version ${current}`;
  const wish = expected === 0 ? 'and was to be created' : `not ${expected}`;
  return fail(
    'version-conflict',
    `${found}, ${wish}. Read it again and repeat the change on what it says now.`,
  );
}

function noSuchFile(path: string): Result<never> {
  return fail('file-not-found', `There is no file ${quotePath(path)}. List the files to see what there is.`);
}
