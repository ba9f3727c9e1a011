import type { Failure, FileChange, Json, Result, Run, StepRecord, Workspace } from '../core/index.ts';
import { assembleResult, type CompiledTeam, orchestrate } from '../team/index.ts';
import type { AcceptedBrief } from './accept.ts';

/** Everything one job needs, joined by whoever starts it. */
export interface JobParts {
  readonly compiled: CompiledTeam;
  readonly brief: AcceptedBrief;
  readonly run: Run;
  /** What the journal already holds: none for a new job. */
  readonly recorded: readonly StepRecord[];
}

/** How a job ended. What exists is kept, however it ended. */
export interface JobEnd {
  readonly outcome: 'done' | 'failed' | 'cancelled';
  readonly failure: Failure | null;
  readonly result: Readonly<Record<string, Json>>;
}

/**
 * Runs a job to its end, or on from wherever its journal stops. The workspace is seeded and then brought to what
 * the journal recorded before anything runs, so it does not matter whether it survived.
 */
export async function runJob({ compiled, brief, run, recorded }: JobParts): Promise<JobEnd> {
  await seed(brief, run.workspace);
  await rebuild(recorded, run.workspace);
  announce(compiled, brief, run);
  const end = await orchestrate(compiled, brief.view, run);
  const result = await assembleResult(compiled.team, run.workspace);
  const { outcome, failure } = outcomeOf(end, run);
  run.emit({ type: 'job-ended', outcome, code: failure?.code ?? null });
  return { outcome, failure, result };
}

async function seed({ seeds }: AcceptedBrief, workspace: Workspace): Promise<void> {
  await makeTrue(
    workspace,
    seeds.map(({ path, text }) => ({ path, text, version: 1 })),
  );
}

async function rebuild(recorded: readonly StepRecord[], workspace: Workspace): Promise<void> {
  for (const record of recorded) {
    if (record.type !== 'started' && record.changes !== undefined) await makeTrue(workspace, record.changes);
  }
}

async function makeTrue(workspace: Workspace, changes: readonly FileChange[]): Promise<void> {
  const applied = await workspace.apply(changes);
  if (!applied.ok)
    throw new Error(`The workspace does not take what the job was recorded with: ${applied.failure.message}`);
}

function announce({ team, lead }: CompiledTeam, { cuts }: AcceptedBrief, run: Run): void {
  const agents = [...(lead === null ? [] : [lead.name]), ...team.members.map(({ name }) => name)];
  run.emit({ type: 'job-started', team: team.name, digest: team.digest, agents });
  for (const { path, keptTokens, keptCharacters, characters } of cuts) {
    run.emit({ type: 'file-cut', path, keptTokens, keptCharacters, characters });
  }
}

function outcomeOf(end: Result<void>, run: Run): Pick<JobEnd, 'outcome' | 'failure'> {
  if (end.ok) return { outcome: 'done', failure: null };
  const cancelled = end.failure.code === 'cancelled' && run.signal.aborted;
  return { outcome: cancelled ? 'cancelled' : 'failed', failure: end.failure };
}
