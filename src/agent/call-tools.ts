import {
  climbs,
  fail,
  hashJson,
  interruption,
  type Json,
  ok,
  type Reply,
  type Result,
  type Run,
  type StepOutcome,
  stoppable,
  type Tool,
  type ToolAnswer,
  type ToolCall,
  type ToolCallBlock,
  type ToolResultBlock,
  together,
} from '../core/index.ts';
import { applyChanges } from './apply-changes.ts';
import type { Assignment } from './role.ts';

/** The tool calls of one reply, and where they are recorded. */
export interface Batch {
  readonly calls: readonly ToolCallBlock[];
  readonly assignment: Assignment;
  /** The turn's key; call i is recorded as `<key>/call-i`. */
  readonly key: string;
}

/** The tool calls that a reply asks for, in its order. */
export function callsOf(reply: Reply): readonly ToolCallBlock[] {
  return reply.blocks.filter((block) => block.type === 'tool-call');
}

/**
 * Answers a batch of calls, in the order they were asked. The whole batch is checked before anything runs;
 * then reads (and tools that allow it) overlap, all others run one after the other.
 * Mistakes go back to the model; what the model cannot mend (an outage, a spent budget) fails the batch.
 */
export async function answerCalls(batch: Batch, run: Run): Promise<Result<readonly ToolResultBlock[]>> {
  const prepared = batch.calls.map((call, index) => prepare(call, batch, index));
  const answers: Answer[] = [];
  for (const group of groupOverlapping(prepared)) {
    const done = await together(
      run.signal,
      group.map((call) => async (signal) => await answer(call, batch, { ...run, signal })),
    );
    answers.push(...done);
    const stopped = done.find(({ result }) => !result.ok && climbs(result.failure.code));
    if (stopped !== undefined && !stopped.result.ok) return stopped.result;
  }
  return ok(answers.map(toBlock));
}

interface Prepared {
  readonly call: ToolCallBlock;
  readonly key: string;
  readonly ready: Result<{ readonly tool: Tool; readonly input: unknown }>;
}

interface Answer {
  readonly call: ToolCallBlock;
  readonly result: Result<ToolAnswer>;
}

function prepare(call: ToolCallBlock, { assignment, key }: Batch, index: number): Prepared {
  const tool = assignment.tools.find(({ name }) => name === call.name);
  return {
    call,
    key: `${key}/call-${index}`,
    ready: tool === undefined ? unknownTool(call, assignment) : parsed(call, tool),
  };
}

function unknownTool({ name }: ToolCallBlock, { tools }: Assignment): Result<never> {
  const names = tools.map((tool) => tool.name).join(', ');
  return fail(
    'unknown-tool',
    `There is no tool ${name}. ${names === '' ? 'You have no tools.' : `You have: ${names}.`}`,
  );
}

function parsed(call: ToolCallBlock, tool: Tool): Prepared['ready'] {
  if (typeof call.input === 'string') {
    return fail(
      'bad-arguments',
      `The arguments of ${tool.name} were not valid JSON. Send one JSON object; escape line breaks in strings as \\n.`,
    );
  }
  const input = tool.parse(call.input);
  return input.ok ? ok({ tool, input: input.value }) : input;
}

/** Cuts a batch into groups: neighbours that may overlap share one, every other call stands alone. */
function groupOverlapping(prepared: readonly Prepared[]): readonly (readonly Prepared[])[] {
  const groups: Prepared[][] = [];
  let open = false;
  for (const each of prepared) {
    const overlaps =
      !each.ready.ok || each.ready.value.tool.effect === 'read' || each.ready.value.tool.overlaps === true;
    if (overlaps && open) groups.at(-1)?.push(each);
    else groups.push([each]);
    open = overlaps;
  }
  return groups;
}

async function answer({ call, key, ready }: Prepared, { assignment }: Batch, run: Run): Promise<Answer> {
  const agent = assignment.role.name;
  const isKnown = assignment.tools.some(({ name }) => name === call.name);
  const report = (result: Result<ToolAnswer>, replayed: boolean): Answer => {
    const failed = result.ok ? null : result.failure.code;
    // A name that a model made up may hold anything, and events never hold what models write.
    run.emit({ type: 'tool-called', agent, key, tool: isKnown ? call.name : 'unknown', failed, replayed });
    return { call, result };
  };
  if (!ready.ok) return report(ready, false);
  const { tool, input } = ready.value;
  const { workspace } = assignment;
  if (tool.enters === true) {
    return report(await tool.run(input, { agent, key, signal: run.signal, workspace }), false);
  }
  const interrupted = run.signal.aborted ? interruption(run.signal) : null;
  if (interrupted !== null && climbs(interrupted.code))
    return report({ ok: false, failure: interrupted }, false);
  const inputHash = hashJson({ tool: tool.name, input: call.input });
  const stepped = await run.journal.step<Json>(
    key,
    { kind: 'tool', replay: tool.replay, inputHash },
    async () => await effectOf(tool, input, { agent, key, signal: run.signal, workspace }),
  );
  const applied = await applyChanges(stepped, { agent, workspace }, run);
  return report(applied.ok ? (stepped.result as unknown as Result<ToolAnswer>) : applied, stepped.replayed);
}

/** Runs a tool on a stage. A tool that does not listen to the signal is not waited for: what it writes is dropped. */
async function effectOf(tool: Tool, input: unknown, call: ToolCall): Promise<StepOutcome<Json>> {
  const { signal, workspace } = call;
  const stopped = (): Result<ToolAnswer> => ({ ok: false, failure: interruption(signal) });
  const staged = workspace.stage();
  const result = await stoppable(() => tool.run(input, { ...call, workspace: staged }), signal, {
    graceful: async () => {},
    instead: stopped,
  });
  if (result.ok) return { result: ok({ text: result.value.text }), changes: staged.changes() };
  return {
    result: result.failure.code === 'cancelled' && signal.aborted ? stopped() : result,
  } as StepOutcome<Json>;
}

/** A failure is told in a few lines; who made it long meant it for a log. */
const failureCharactersMax = 4_000;

function toBlock({ call, result }: Answer): ToolResultBlock {
  const text = result.ok ? result.value.text : result.failure.message.slice(0, failureCharactersMax);
  // Half a character, as a cut in the middle of one leaves it, is no UTF-8: providers refuse the whole request.
  return { type: 'tool-result', id: call.id, text: text.toWellFormed(), failed: !result.ok };
}
