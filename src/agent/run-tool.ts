import {
  failure,
  interruption,
  type Json,
  ok,
  type Result,
  type Run,
  type StagedWorkspace,
  type StepOutcome,
  stoppable,
  type Tool,
  type ToolAnswer,
  type ToolCall,
  type Workspace,
} from '../core/index.ts';
import { linkedAbort } from './linked-abort.ts';
import { openWaiting } from './wait-in-call.ts';

/** A call with checked input, and where it is recorded. */
export interface CallToRun {
  readonly tool: Tool;
  /** What the tool's `parse` gave. */
  readonly input: unknown;
  readonly agent: string;
  readonly key: string;
  readonly workspace: Workspace;
}

/**
 * Runs a tool on a stage. A tool that does not listen to the signal is not waited for, and one that waits for what
 * does not come here is left where it stands: what it writes is dropped.
 */
export async function runTool(
  { tool, input, agent, key, workspace }: CallToRun,
  run: Run,
): Promise<StepOutcome<Json>> {
  const stopped = (): Result<ToolAnswer> => ({ ok: false, failure: interruption(run.signal) });
  let staged = null as StagedWorkspace | null;
  const own = linkedAbort(run.signal);
  const { wait, left, settled } = openWaiting(key, { ...run, signal: own.signal });
  const idempotencyKey = `${run.id}/${key}`;
  const call: ToolCall = {
    agent,
    key,
    idempotencyKey,
    // Most calls touch no file: a stage is built for those that do.
    get workspace() {
      staged ??= workspace.stage();
      return staged;
    },
    signal: own.signal,
    wait,
  };
  const result = await stoppable(() => Promise.race([tool.run(input, call), left]), run.signal, {
    graceful: settled,
    instead: stopped,
  }).finally(() => {
    own.release();
    // Nothing that the call began may go on behind the back of the job.
    own.abort(callOver);
  });
  if (result.ok) return { result: ok({ text: result.value.text }), changes: staged?.changes() ?? [] };
  return {
    result: result.failure.code === 'cancelled' && run.signal.aborted ? stopped() : result,
  } as StepOutcome<Json>;
}

/** Made once: without a reason, an error with its stack would be made for every call. */
const callOver = Object.freeze(failure('cancelled', 'The call is over.'));
