import { assembleRequest, messageTokens, prefixBreak, requestTokens } from '../context/index.ts';
import {
  addUsage,
  fail,
  type Message,
  type ModelRequest,
  noUsage,
  ok,
  type Reply,
  type Result,
  type Run,
  totalOutputTokens,
  type Usage,
} from '../core/index.ts';
import { ask } from './ask.ts';
import { answerCalls, callsOf } from './call-tools.ts';
import { checkGoal } from './check-goal.ts';
import type { AgentEnd, Assignment } from './role.ts';
import { withWallTime } from './wall-time.ts';

/**
 * Runs one agent until its goal is met or a limit is reached: ask, call tools, ask again.
 * Everything it does is a step of the run's journal under the assignment's key, so a replay asks no model.
 */
export async function runAgent(assignment: Assignment, run: Run): Promise<Result<AgentEnd>> {
  const { key, role } = assignment;
  run.emit({ type: 'agent-started', agent: role.name, key });
  const ended = await withWallTime(role.limits.wallMsMax, run, (timed) => takeTurns(assignment, timed));
  const outcome = ended.ok
    ? ({ outcome: 'done', code: null, said: ended.value.said } as const)
    : ({ outcome: 'failed', code: ended.failure.code, said: ended.failure.message } as const);
  run.emit({ type: 'agent-ended', agent: role.name, key, ...outcome });
  return ended;
}

/** How far an agent has come. Each turn makes a new one. */
interface Progress {
  readonly history: readonly Message[];
  readonly previous: ModelRequest | null;
  readonly contextTokens: number;
  readonly usage: Usage;
  readonly toolCalls: number;
  readonly reminders: number;
}

type Turn =
  | { readonly type: 'ended'; readonly end: Result<AgentEnd> }
  | { readonly type: 'on'; readonly progress: Progress };

async function takeTurns(assignment: Assignment, run: Run): Promise<Result<AgentEnd>> {
  const { limits, name } = assignment.role;
  const history: readonly Message[] = [userText(assignment.task)];
  let progress: Progress = {
    history,
    previous: null,
    contextTokens: 0,
    usage: noUsage,
    toolCalls: 0,
    reminders: 0,
  };
  for (let turn = 1; turn <= limits.turnsMax; turn += 1) {
    const taken = await takeTurn({ assignment, turn, progress }, run);
    if (taken.type === 'ended') return taken.end;
    progress = taken.progress;
  }
  return fail(
    'turns-exhausted',
    `${name} was stopped after ${limits.turnsMax} turns. Raise limits.turns or give it less to do.`,
  );
}

interface TurnToTake {
  readonly assignment: Assignment;
  readonly turn: number;
  readonly progress: Progress;
}

async function takeTurn({ assignment, turn, progress }: TurnToTake, run: Run): Promise<Turn> {
  const { role, key } = assignment;
  const left = role.limits.outputTokensMax - totalOutputTokens(progress.usage);
  if (left <= 0) {
    return ended(
      fail(
        'output-tokens-exhausted',
        `${role.name} was stopped after ${role.limits.outputTokensMax} output tokens. Raise limits.outputTokens or ask for less.`,
      ),
    );
  }
  const request = nextRequest(assignment, progress, left);
  const broken = progress.previous === null ? null : prefixBreak(progress.previous, request);
  if (broken !== null)
    run.emit({ type: 'warning', message: `The lane of ${role.name} broke at ${broken.at}` });
  const contextTokens = contextTokensOf(request, progress, run);
  const asked = await ask(
    { request, agent: role.name, model: role.model, key: `${key}/turn-${turn}`, contextTokens },
    run,
  );
  if (!asked.ok) return ended(asked);
  const after = withReply(progress, { request, contextTokens, reply: asked.value });
  return await followUp({ assignment, turn, progress: after }, asked.value, run);
}

/** What a reply leads to: its tool calls are answered, its end is checked, its cut is mended. */
async function followUp(taken: TurnToTake, reply: Reply, run: Run): Promise<Turn> {
  const { assignment, turn, progress } = taken;
  const { role, key } = assignment;
  if (reply.stop === 'refused')
    return ended(
      fail(
        'refused',
        `The model refused to do the task of ${role.name}. Look at its prompt and what it reads.`,
      ),
    );
  if (reply.stop === 'context-full')
    return ended(
      fail(
        'context-full',
        `What ${role.name} has read no longer fits the model's context. Give it less to read.`,
      ),
    );
  const calls = callsOf(reply);
  if (calls.length > 0) {
    const toolCalls = progress.toolCalls + calls.length;
    if (toolCalls > role.limits.toolCallsMax) {
      return ended(
        fail(
          'tool-calls-exhausted',
          `${role.name} was stopped after ${role.limits.toolCallsMax} tool calls. Raise limits.toolCalls or give it less to do.`,
        ),
      );
    }
    const answered = await answerCalls({ calls, assignment, key: `${key}/turn-${turn}` }, run);
    if (!answered.ok) return ended(answered);
    return on({ ...progress, toolCalls }, { role: 'user', blocks: answered.value });
  }
  if (reply.stop === 'output-limit')
    return on(progress, userText('Your answer was cut off at the output limit. Go on with a shorter one.'));
  const outcome = await checkGoal({ assignment, answer: textOf(reply), key: `${key}/turn-${turn}` }, run);
  if (!outcome.ok) return ended(outcome);
  if (outcome.value.type === 'met') return ended(ok({ said: firstSentence(textOf(reply)), turns: turn }));
  const { failure, mendable } = outcome.value;
  if (!mendable || progress.reminders >= assignment.goal.remindersMax) return ended({ ok: false, failure });
  return on({ ...progress, reminders: progress.reminders + 1 }, userText(failure.message));
}

function nextRequest(
  { role, key }: Assignment,
  { history }: Progress,
  outputTokensMax: number,
): ModelRequest {
  const { tools, system, effort, output } = role;
  return assembleRequest({ lane: key, tools, system, history, outputTokensMax, effort, output });
}

/** Counts only what the lane has grown by: counting is linear in a job's length, not quadratic. */
function contextTokensOf(request: ModelRequest, { previous, contextTokens }: Progress, run: Run): number {
  if (previous === null) return requestTokens(request, run.countTokens);
  return contextTokens + messageTokens(request.messages.slice(previous.messages.length), run.countTokens);
}

interface Answered {
  readonly request: ModelRequest;
  readonly contextTokens: number;
  readonly reply: Reply;
}

function withReply(progress: Progress, { request, contextTokens, reply }: Answered): Progress {
  // Providers refuse an assistant message without content, so an empty reply is written as one that says so.
  const blocks = reply.blocks.length > 0 ? reply.blocks : [{ type: 'text', text: '(empty answer)' } as const];
  const history = [...progress.history, { role: 'assistant', blocks } as const];
  return {
    ...progress,
    history,
    previous: request,
    contextTokens,
    usage: addUsage(progress.usage, reply.usage),
  };
}

function on(progress: Progress, message: Message): Turn {
  return { type: 'on', progress: { ...progress, history: [...progress.history, message] } };
}

function ended(end: Result<AgentEnd>): Turn {
  return { type: 'ended', end };
}

function userText(text: string): Message {
  return { role: 'user', blocks: [{ type: 'text', text }] };
}

function textOf(reply: Reply): string {
  return reply.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

/** Long enough for a sentence, short enough for a line on a screen. */
const saidCharactersMax = 200;

function firstSentence(text: string): string {
  const [line = ''] = text.trim().split('\n');
  const sentence = /^.*?[.!?。！？](?=\s|$)/u.exec(line)?.[0] ?? line;
  return sentence.length <= saidCharactersMax ? sentence : `${sentence.slice(0, saidCharactersMax - 1)}…`;
}
