import { hashJson, isJsonObject, type Json, ok, type Result, type Run, recalled } from '../core/index.ts';
import { applyChanges } from './apply-changes.ts';
import type { Assignment, GoalOutcome } from './role.ts';

/** An answer that may end an agent, and where the verdict is recorded. */
export interface FinalAnswer {
  readonly assignment: Assignment;
  readonly answer: string;
  /** The turn's key; the verdict is recorded as `<key>/check`. */
  readonly key: string;
}

/** Asks the goal whether the agent is done, as a step: a replay takes the same way, whatever the files say then. */
export async function checkGoal(
  { assignment, answer, key }: FinalAnswer,
  run: Run,
): Promise<Result<GoalOutcome>> {
  const spec = { kind: 'check', replay: 'safe', inputHash: hashJson({ answer }) } as const;
  const stepped = await run.journal.step<Json>(`${key}/check`, spec, async () => {
    const staged = assignment.workspace.stage();
    const outcome = await assignment.goal.check(answer, staged);
    const changes = outcome.type === 'met' ? staged.changes() : [];
    return { result: ok(outcome as unknown as Json), changes };
  });
  const { workspace, role } = assignment;
  const applied = await applyChanges(stepped, { agent: role.name, workspace }, run);
  return applied.ok ? recalled(stepped.result, `${key}/check`, isGoalOutcome) : applied;
}

/** Says whether a recorded value is what became of a goal. */
export function isGoalOutcome(value: unknown): value is GoalOutcome {
  if (!isJsonObject(value)) return false;
  if (value.type === 'met') return true;
  const { type, failure, mendable } = value;
  if (type !== 'unmet' || typeof mendable !== 'boolean' || !isJsonObject(failure)) return false;
  return typeof failure.code === 'string' && typeof failure.message === 'string';
}
