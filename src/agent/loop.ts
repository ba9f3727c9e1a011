import { assembleRequest, contextBlocks, prefixBreak, requestHash, rollingMarks } from '../context/index.ts';
import {
  fail,
  type Message,
  type ModelRequest,
  noUsage,
  ok,
  type Reply,
  type Result,
  type Run,
  totalOutputTokens,
} from '../core/index.ts';
import { ask, type Question } from './ask.ts';
import { answerCalls, callsOf } from './call-tools.ts';
import { checkGoal } from './check-goal.ts';
import { fitLane } from './compact-lane.ts';
import { type LanePlan, planLane, reportBreak, reportPrefix, reportVolatile } from './prefix-report.ts';
import { beginProgress, type Progress, withMessage, withReply } from './progress.ts';
import type { AgentEnd, Assignment } from './role.ts';
import { withWallTime } from './wall-time.ts';

/**
 * Runs one agent until its goal is met or a limit is reached: ask, call tools, ask again.
 * Everything it does is a step of the run's journal under the assignment's key, so a replay asks no model.
 */
export async function runAgent(assignment: Assignment, run: Run): Promise<Result<AgentEnd>> {
  const { key, role } = assignment;
  run.emit({ type: 'agent-started', agent: role.name, key });
  const plan = planLane(assignment, run);
  reportPrefix(assignment, plan, run);
  const ended = await withWallTime(role.limits.wallMsMax, run, (timed) => takeTurns(assignment, plan, timed));
  // An agent that waits has not ended: it goes on where it stands when the job does.
  if (!ended.ok && ended.failure.code === 'parked') return ended;
  reportVolatile(assignment, plan, run);
  const outcome = ended.ok
    ? ({ outcome: 'done', code: null, said: ended.value.said } as const)
    : ({ outcome: 'failed', code: ended.failure.code, said: ended.failure.message } as const);
  run.emit({ type: 'agent-ended', agent: role.name, key, ...outcome });
  return ended;
}

type Turn =
  | { readonly type: 'ended'; readonly end: Result<AgentEnd> }
  | { readonly type: 'on'; readonly progress: Progress };

async function takeTurns(assignment: Assignment, plan: LanePlan, run: Run): Promise<Result<AgentEnd>> {
  const { limits, name } = assignment.role;
  let progress = beginProgress(userText(assignment.task), plan.tokens.total, run.countTokens);
  for (let turn = 1; turn <= limits.turnsMax; turn += 1) {
    const taken = await takeTurn({ assignment, plan, turn, progress }, run);
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
  readonly plan: LanePlan;
  readonly turn: number;
  readonly progress: Progress;
}

async function takeTurn(taken: TurnToTake, run: Run): Promise<Turn> {
  const { assignment, plan, turn } = taken;
  const { role } = assignment;
  const fitted = await fitLane({ ...taken, outputTokensLeft: outputTokensLeft(taken) }, run);
  if (!fitted.ok) return ended(fitted);
  const progress = fitted.value;
  const left = outputTokensLeft({ assignment, progress });
  if (left <= 0) {
    return ended(
      fail(
        'output-tokens-exhausted',
        `${role.name} was stopped after ${role.limits.outputTokensMax} output tokens. Raise limits.outputTokens or ask for less.`,
      ),
    );
  }
  const request = nextRequest({ assignment, plan, turn, progress }, left);
  const broken = progress.sent === null ? null : prefixBreak(progress.sent.request, request, run.countTokens);
  if (broken !== null) reportBreak(broken, { assignment, plan, ratio: progress.ratio }, run);
  const asked = await ask(questionOf({ assignment, plan, turn, progress }, request), run);
  if (!asked.ok) return ended(asked);
  const after = withReply(progress, { request, reply: asked.value }, run.countTokens);
  return await followUp({ assignment, plan, turn, progress: after }, asked.value, run);
}

function outputTokensLeft({ assignment, progress }: Pick<TurnToTake, 'assignment' | 'progress'>): number {
  return assignment.role.limits.outputTokensMax - totalOutputTokens(progress.usage);
}

/** What a reply leads to: its tool calls are answered, its end is checked, its cut is mended. */
async function followUp(taken: TurnToTake, reply: Reply, run: Run): Promise<Turn> {
  const { assignment, turn, progress } = taken;
  const { role, key } = assignment;
  const on = (from: Progress, message: Message): Turn => ({
    type: 'on',
    progress: withMessage(from, message, run.countTokens),
  });
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

function nextRequest({ assignment, plan, progress }: TurnToTake, outputTokensMax: number): ModelRequest {
  const { role, key } = assignment;
  const { lane, sent, contextTokens } = progress;
  const { prefix, effort, thinkingTokensMax, output } = role;
  const { marks, factor } = plan;
  const history = lane.messages;
  // Before the first reply a context is counted here, and a minimum is in the model's tokens.
  const modelTokens = progress.usage === noUsage ? contextTokens * factor : contextTokens;
  const now = { messages: history.length, contextTokens: modelTokens };
  const markedAt = rollingMarks(sent, now, marks);
  return assembleRequest({
    lane: key,
    prefix,
    marks,
    history,
    markedAt,
    outputTokensMax,
    effort,
    thinkingTokensMax,
    output,
  });
}

/** What is known of the lane goes along: nothing is hashed or counted twice. */
function questionOf({ assignment, plan, turn, progress }: TurnToTake, request: ModelRequest): Question {
  const { role, key } = assignment;
  const { lane, contextTokens } = progress;
  const { tokens, taskTokens } = lane;
  const newest = lane.messages.length === 1 ? 0 : lane.newestTokens;
  const counts = { ...plan.tokens, task: taskTokens, history: tokens - taskTokens - newest, newest };
  return {
    request,
    agent: role.name,
    model: role.model,
    key: `${key}/turn-${turn}`,
    contextTokens,
    inputHash: requestHash(request, { prefix: role.prefix.hash, messages: lane.hash }),
    context: (usage) => contextBlocks(request, usage, counts),
  };
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
