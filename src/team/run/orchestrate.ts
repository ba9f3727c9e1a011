import type { Json, Result, Run } from '../../core/index.ts';
import type { CompiledTeam } from './compile.ts';
import { planOf } from './plan.ts';
import { runParallel, runPipeline } from './run-plan.ts';
import { supervise } from './supervise.ts';
import type { BriefView } from './task.ts';

/** A team at work on one brief, by the team's pattern. Succeeds when every artifact the brief asks for is there. */
export async function orchestrate(compiled: CompiledTeam, brief: BriefView, run: Run): Promise<Result<void>> {
  const { team, lead } = compiled;
  const plan = planOf(team, brief.params as Readonly<Record<string, Json>>);
  for (const { name } of plan.skipped) {
    run.emit({ type: 'agent-skipped', agent: name, reason: 'the brief does not ask for it' });
  }
  const parts = { compiled, plan, inputPaths: brief.files.map(({ path }) => path) };
  if (lead !== null) return await supervise({ ...parts, lead, brief }, run);
  return team.pattern === 'parallel' ? await runParallel(parts, run) : await runPipeline(parts, run);
}
