import {
  climbs,
  fail,
  hashJson,
  interruption,
  isJsonObject,
  type Json,
  ok,
  type Reply,
  type Result,
  type Run,
  recalled,
  type Tool,
  type ToolAnswer,
  type ToolCallBlock,
  type ToolResultBlock,
  together,
  weightiest,
} from '../core/index.ts';
import { applyChanges } from './apply-changes.ts';
import type { Assignment, EnteringTool } from './role.ts';
import { runTool } from './run-tool.ts';

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
    const done = await answerGroup(group, batch, run);
    answers.push(...done);
    const stopping = done.flatMap(({ result }) => (result.ok ? [] : [result.failure]));
    const failure = weightiest(stopping.filter(({ code }) => climbs(code)));
    if (failure !== null) return { ok: false, failure };
  }
  return ok(answers.map(toBlock));
}

interface Prepared {
  readonly call: ToolCallBlock;
  readonly key: string;
  readonly ready: Result<{ readonly tool: Tool | EnteringTool; readonly input: unknown }>;
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

function parsed(call: ToolCallBlock, tool: Tool | EnteringTool): Prepared['ready'] {
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

async function answerGroup(group: readonly Prepared[], batch: Batch, run: Run): Promise<readonly Answer[]> {
  const [first, ...others] = group;
  // The usual case: with nobody beside it, there is nobody to stop.
  if (first !== undefined && others.length === 0) return [await answer(first, batch, run)];
  return await together(
    run.signal,
    group.map((call) => (signal) => answer(call, batch, { ...run, signal })),
  );
}

async function answer({ call, key, ready }: Prepared, { assignment }: Batch, run: Run): Promise<Answer> {
  const agent = assignment.role.name;
  const isKnown = assignment.tools.some(({ name }) => name === call.name);
  const report = (result: Result<ToolAnswer>, replayed: boolean): Answer => {
    const failed = result.ok ? null : result.failure.code;
    // A call that waits has not come to anything yet: it is told once it has.
    if (failed === 'parked') return { call, result };
    // A name that a model made up may hold anything, and events never hold what models write.
    run.emit({ type: 'tool-called', agent, key, tool: isKnown ? call.name : 'unknown', failed, replayed });
    return { call, result };
  };
  if (!ready.ok) return report(ready, false);
  const { tool, input } = ready.value;
  if ('enters' in tool) return report(await tool.run(input, key, run), false);
  const interrupted = run.signal.aborted ? interruption(run.signal) : null;
  if (interrupted !== null && climbs(interrupted.code))
    return report({ ok: false, failure: interrupted }, false);
  const { workspace } = assignment;
  const inputHash = hashJson({ tool: tool.name, input: call.input });
  const isOutside = tool.effect === 'outside';
  const spec = { kind: 'tool', replay: tool.replay, inputHash, isOutside } as const;
  const stepped = await run.journal.step<Json>(key, spec, () =>
    runTool({ tool, input, agent, key, workspace }, run),
  );
  const applied = await applyChanges(stepped, { agent, workspace }, run);
  return report(applied.ok ? recalled(stepped.result, key, isToolAnswer) : applied, stepped.replayed);
}

function isToolAnswer(value: unknown): value is ToolAnswer {
  return isJsonObject(value) && typeof value.text === 'string';
}

/** A failure is told in a few lines; who made it long meant it for a log. */
const failureCharactersMax = 4_000;

function toBlock({ call, result }: Answer): ToolResultBlock {
  const text = result.ok ? result.value.text : result.failure.message.slice(0, failureCharactersMax);
  // Half a character, as a cut in the middle of one leaves it, is no UTF-8: providers refuse the whole request.
  return { type: 'tool-result', id: call.id, text: text.toWellFormed(), failed: !result.ok };
}
