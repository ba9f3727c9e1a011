import { type GoalOutcome, isGoalOutcome, runAgent } from '../../agent/index.ts';
import { climbs, hashJson, type Json, ok, type Result, type Run, recalled } from '../../core/index.ts';
import type { CompiledRole } from './compile.ts';
import { type Delegation, type DelegationParts, openDelegation } from './delegate.ts';
import { type BriefView, leadTask } from './task.ts';

/** What a lead is given of a job. */
export interface Supervision extends DelegationParts {
  readonly lead: CompiledRole;
  readonly brief: BriefView;
}

/** How often a lead is told what is still missing before the job fails. */
const leadRemindersMax = 2;

/**
 * Lets an LLM lead run the plan. It never reads or writes a file: its tools list and delegate, and what the
 * runbook says is checked by code at every delegation and again when it wants to finish.
 */
export async function supervise({ lead, brief, ...parts }: Supervision, run: Run): Promise<Result<void>> {
  const delegation = openDelegation(parts);
  const ended = await runAgent(
    {
      role: lead,
      tools: [parts.compiled.listFiles, delegation.tool],
      task: leadTask(brief, parts.plan),
      goal: { remindersMax: leadRemindersMax, check: async () => delegation.standing() },
      key: lead.name,
      workspace: run.workspace.scope({ reads: visibleTo(parts), writes: [] }),
    },
    run,
  );
  if (ended.ok) return ok(undefined);
  if (climbs(ended.failure.code)) return ended;
  const standing = await journaledStanding(lead.name, delegation, run);
  if (!standing.ok) return standing;
  if (standing.value.type !== 'met') return ended;
  const message = `${lead.name} did not end well (${ended.failure.code}), but every artifact is there`;
  run.emit({ type: 'warning', message });
  return ok(undefined);
}

/** Names that a team and a brief chose: a lead never sees one that an agent made up. */
function visibleTo({ plan, inputPaths }: DelegationParts): readonly string[] {
  return ['brief.md', ...inputPaths, ...plan.asked.map(({ writes }) => writes)];
}

/** In which order members ended is not recorded, so what follows from it is. */
async function journaledStanding(
  lead: string,
  delegation: Delegation,
  run: Run,
): Promise<Result<GoalOutcome>> {
  const spec = { kind: 'check', replay: 'safe', inputHash: hashJson(lead) } as const;
  const { result } = await run.journal.step<Json>(`${lead}/standing`, spec, async () => ({
    result: ok(delegation.standing() as unknown as Json),
  }));
  return recalled(result, `${lead}/standing`, isGoalOutcome);
}
