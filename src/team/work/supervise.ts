import { runAgent } from '../../agent/index.ts';
import { ok, type Result, type Run, sideOf } from '../../core/index.ts';
import { type CompiledRole, listFiles } from './compile.ts';
import { type DelegationParts, openDelegation } from './delegate.ts';
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
  const delegation = openDelegation(parts, run);
  const ended = await runAgent(
    {
      role: lead,
      tools: [listFiles(), delegation.tool],
      task: leadTask(brief, parts.plan),
      goal: { remindersMax: leadRemindersMax, check: async () => delegation.standing() },
      key: lead.name,
      workspace: run.workspace.scope({ reads: ['**'], writes: [] }),
    },
    run,
  );
  if (ended.ok) return ok(undefined);
  const side = sideOf(ended.failure.code);
  if ((side === 'task' || side === 'limit') && delegation.standing().type === 'met') {
    run.emit({
      type: 'warning',
      message: `${lead.name} did not end well (${ended.failure.code}), but every artifact is there`,
    });
    return ok(undefined);
  }
  return ended;
}
