import { runAgent } from '../../agent/index.ts';
import {
  type FileInfo,
  hashJson,
  isJsonObject,
  type Json,
  ok,
  type Result,
  type Run,
  recalled,
  type Workspace,
} from '../../core/index.ts';
import { toolResultsFolder } from '../../tools/index.ts';
import { artifactGoal } from './artifact-goal.ts';
import type { CompiledMember } from './compile.ts';
import { memberTask } from './task.ts';

/** What a finished member leaves behind; no content. */
export interface MemberReport {
  readonly path: string;
  readonly bytesSize: number;
  readonly version: number;
}

/** One run of a member. */
export interface MemberRun {
  readonly member: CompiledMember;
  /** Names of the files that the brief brings. */
  readonly inputPaths: readonly string[];
  /** A sentence from the lead, when there is one. */
  readonly note: string | null;
  /** Everything the member does is recorded under it. */
  readonly key: string;
}

/** Runs one member until its artifact is there: a fresh conversation in its own scope. */
export async function runMember(memberRun: MemberRun, run: Run): Promise<Result<MemberReport>> {
  const { member, key } = memberRun;
  const { definition, role, tools } = member;
  const workspace = run.workspace.scope(scopeOf(memberRun));
  const see = () => startOf(memberRun, workspace);
  const start = await look({ key: `${key}/start`, see, isExpected: isStart }, run);
  if (!start.ok) return start;
  const { files, versionBefore } = start.value;
  const goal = artifactGoal({ path: definition.writes, versionBefore, output: definition.output });
  const task = memberTask(definition, files, memberRun.note);
  const ended = await runAgent({ role, tools, task, goal, key, workspace }, run);
  if (!ended.ok) return ended;
  const report = () => reportOf(definition.writes, workspace);
  return await look({ key: `${key}/report`, see: report, isExpected: isReport }, run);
}

function scopeOf({ member: { definition, scope }, inputPaths }: MemberRun): CompiledMember['scope'] {
  return definition.readsInputs ? { ...scope, reads: [...scope.reads, ...inputPaths] } : scope;
}

/** Looks at the workspace as a step: what a member is told must be the same when the job is replayed. */
async function look<T>({ key, see, isExpected }: Look<T>, run: Run): Promise<Result<T>> {
  const spec = { kind: 'check', replay: 'safe', inputHash: hashJson(key) } as const;
  const { result } = await run.journal.step<Json>(key, spec, async () => ({
    result: ok((await see()) as Json),
  }));
  return recalled(result, key, isExpected);
}

interface Look<T> {
  readonly key: string;
  readonly see: () => Promise<T>;
  readonly isExpected: (value: unknown) => value is T;
}

interface Start {
  readonly files: readonly string[];
  readonly versionBefore: number;
}

function isStart(value: unknown): value is Start {
  if (!isJsonObject(value) || typeof value.versionBefore !== 'number') return false;
  return Array.isArray(value.files) && value.files.every((path) => typeof path === 'string');
}

async function startOf({ member }: MemberRun, workspace: Workspace): Promise<Start> {
  const { name, writes } = member.definition;
  const present = await workspace.list();
  const isHandedOver = ({ path }: FileInfo): boolean =>
    path !== writes && !path.startsWith(toolResultsFolder(name));
  const before = present.find(({ path }) => path === writes);
  return { files: present.filter(isHandedOver).map(({ path }) => path), versionBefore: before?.version ?? 0 };
}

function isReport(value: unknown): value is MemberReport {
  if (!isJsonObject(value) || typeof value.path !== 'string') return false;
  return typeof value.bytesSize === 'number' && typeof value.version === 'number';
}

async function reportOf(path: string, workspace: Workspace): Promise<MemberReport> {
  const file = await workspace.read(path);
  if (!file.ok) throw new Error(`${path} was there when its goal was met and is gone`);
  return { path, bytesSize: file.value.bytesSize, version: file.value.version };
}
