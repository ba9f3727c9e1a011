import {
  type Failure,
  type FileChange,
  fail,
  hashBytes,
  hashJson,
  type Json,
  ok,
  type Result,
  type Run,
  type StepRecord,
  type Workspace,
} from '../core/index.ts';
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

/** How a job ended, or that it did not: a parked one goes on later. What exists is kept, however it ended. */
export interface JobEnd {
  readonly outcome: 'done' | 'failed' | 'cancelled' | 'parked';
  readonly failure: Failure | null;
  readonly result: Readonly<Record<string, Json>>;
}

/**
 * Runs a job to its end, or on from wherever its journal stops. The workspace is seeded and then brought to what
 * the journal recorded before anything runs, so it does not matter whether it survived.
 */
export async function runJob({ compiled, brief, run, recorded }: JobParts): Promise<JobEnd> {
  announce(compiled, brief, run);
  accountForEarlier(recorded, run);
  const begun = await begin({ compiled, brief, run, recorded });
  const end = begun.ok ? await orchestrate(compiled, brief.view, run) : begun;
  await run.journal.settled();
  const result = await assembleResult(compiled.team, run.workspace);
  const { outcome, failure } = outcomeOf(end, run);
  // A job that is parked, or that somebody else goes on with, has not ended.
  if (outcome !== 'parked' && failure?.code !== 'lease-lost')
    run.emit({ type: 'job-ended', outcome, code: failure?.code ?? null });
  return { outcome, failure, result };
}

/** The first step says whose journal this is; then the files are brought to what it has recorded. */
async function begin({ compiled, brief, run, recorded }: JobParts): Promise<Result<void>> {
  const { digest } = compiled.team;
  const inputHash = hashJson({ digest, view: brief.view, seeds: brief.seeds });
  const spec = { kind: 'check', replay: 'safe', inputHash } as const;
  const { result } = await run.journal.step<Json>('job', spec, async () => ({ result: ok({ digest }) }));
  if (!result.ok) return result;
  const seeded = await seed(brief, run.workspace);
  if (!seeded.ok) return seeded;
  return await rebuild(recorded, run.workspace);
}

async function seed({ seeds }: AcceptedBrief, workspace: Workspace): Promise<Result<void>> {
  const kept = await makeTrue(
    workspace,
    seeds.map(({ path, text }) => ({ path, text, version: 1 })),
  );
  if (!kept.ok) return kept;
  for (const { path, text } of seeds) {
    const file = await workspace.read(path);
    if (file.ok && file.value.hash === hashBytes(text)) continue;
    return fail(
      'wrong-input',
      `The workspace holds another ${path} already: give every job a workspace of its own.`,
    );
  }
  return ok(undefined);
}

/** What earlier starts of this job spent on calls that came to nothing is part of its bill. */
function accountForEarlier(recorded: readonly StepRecord[], run: Run): void {
  for (const record of recorded) {
    if (record.type !== 'unfinished') continue;
    for (const { agent, model, usage, estimate } of record.spent ?? []) {
      const costMicroUsd = run.costOf(model, usage);
      run.emit({
        type: 'model-called',
        agent,
        key: record.key,
        model,
        usage,
        costMicroUsd,
        contextTokens: 0,
        replayed: true,
        ...(estimate === undefined
          ? {}
          : { estimate: { usage: estimate, costMicroUsd: run.costOf(model, estimate) } }),
      });
    }
  }
}

async function rebuild(recorded: readonly StepRecord[], workspace: Workspace): Promise<Result<void>> {
  for (const record of recorded) {
    if (record.type !== 'done' && record.type !== 'failed') continue;
    const kept = await makeTrue(workspace, record.changes ?? []);
    if (!kept.ok) return kept;
  }
  return ok(undefined);
}

async function makeTrue(workspace: Workspace, changes: readonly FileChange[]): Promise<Result<void>> {
  const applied = await workspace.apply(changes);
  if (applied.ok) return applied;
  return fail('storage-failed', `The files of the job could not be kept: ${applied.failure.message}`);
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
  if (end.failure.code === 'parked') return { outcome: 'parked', failure: end.failure };
  const cancelled = end.failure.code === 'cancelled' && run.signal.aborted;
  return { outcome: cancelled ? 'cancelled' : 'failed', failure: end.failure };
}
