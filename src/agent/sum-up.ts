import {
  assembleRequest,
  type CutLane,
  joinPins,
  lostPins,
  type MovedResult,
  messageTokens,
  type Pins,
  pinsOf,
  summaryMessage,
  summaryQuestion,
} from '../context/index.ts';
import {
  addUsage,
  climbs,
  type Message,
  noUsage,
  ok,
  type Reply,
  type Result,
  type Run,
  type Usage,
} from '../core/index.ts';
import { ask } from './ask.ts';
import type { LanePlan } from './prefix-report.ts';
import type { Progress } from './progress.ts';
import type { Assignment } from './role.ts';

/** A conversation whose old turns are to be summed up. */
export interface LaneToSumUp {
  readonly assignment: Assignment;
  readonly plan: LanePlan;
  readonly progress: Progress;
  readonly cut: CutLane;
  /** Results that stand in files now. */
  readonly moved: readonly MovedResult[];
  readonly turn: number;
  readonly outputTokensMax: number;
}

/** What came of it. */
export interface SummedUp {
  /** The new conversation; null when no summary could be had. */
  readonly messages: readonly Message[] | null;
  readonly pins: Pins;
  /** Of the calls that were made for it. */
  readonly usage: Usage;
  /** How many summaries were refused. */
  readonly refusals: number;
}

/**
 * Lets the agent's own model sum up its old turns. A summary is accepted when it is there, is shorter than what it
 * replaces, and nothing pinned is lost with it; else it is asked for once more, and what is lost then is put back.
 * Fails only with what climbs.
 */
export async function sumUp(toSumUp: LaneToSumUp, run: Run): Promise<Result<SummedUp>> {
  const pins = pinsToKeep(toSumUp);
  let best: Candidate | null = null;
  let [usage, refusals] = [noUsage, 0];
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const asked = await askForSummary(toSumUp, { pins, attempt, missing: best?.lost ?? [] }, run);
    if (!asked.ok && climbs(asked.failure.code)) return asked;
    if (!asked.ok) break;
    usage = addUsage(usage, asked.value.usage);
    const candidate = candidateOf(asked.value, pins, toSumUp);
    if (candidate?.lost.length === 0 && isShorter(candidate, toSumUp, run))
      return ok({ messages: candidate.messages, pins, usage, refusals });
    refusals += 1;
    best = candidate ?? best;
  }
  const mended =
    best === null ? null : { ...best, ...rewritten(best.summary, best.lost, { pins, cut: toSumUp.cut }) };
  const messages = mended !== null && isShorter(mended, toSumUp, run) ? mended.messages : null;
  return ok({ messages, pins, usage, refusals });
}

/** A summary that lost something is asked for once more. */
const attemptsMax = 2;

/** 600 words are about 1,000 tokens; the rest is for models that think before they write. */
const summaryTokensMax = 8_000;

interface Candidate {
  readonly summary: string;
  readonly lost: readonly string[];
  /** The message that takes the place of the old turns, and the conversation with it. */
  readonly message: Message;
  readonly messages: readonly Message[];
}

/** What the old turns bind the agent to; what is in files now must not be forgotten either. */
function pinsToKeep({ assignment, progress, cut, moved }: LaneToSumUp): Pins {
  const pins = pinsOf(cut.old, assignment.role.tools);
  const paths = [...new Set([...pins.paths, ...moved.map(({ path }) => path)])];
  return joinPins(progress.pins, { ...pins, paths });
}

interface SummaryWish {
  readonly pins: Pins;
  readonly attempt: number;
  readonly missing: readonly string[];
}

/** Asks behind the old turns as they were sent, so that all of them are read from the prompt cache. */
async function askForSummary(
  { assignment, plan, progress, cut, turn, outputTokensMax }: LaneToSumUp,
  { pins, attempt, missing }: SummaryWish,
  run: Run,
): Promise<Result<Reply>> {
  const { role, key } = assignment;
  const { effort, thinkingTokensMax, prefix, model } = role;
  const history = [cut.task, ...cut.old, summaryQuestion(pins, missing)];
  const request = assembleRequest({
    lane: `${key}/compact`,
    prefix,
    marks: plan.marks,
    history,
    markedAt: [cut.old.length],
    outputTokensMax: Math.min(outputTokensMax, summaryTokensMax + (thinkingTokensMax ?? 0)),
    effort,
    thinkingTokensMax,
    output: null,
  });
  const counted = progress.staticTokens + messageTokens(history, run.countTokens);
  const name = attempt === 1 ? 'compact' : `compact-${attempt}`;
  return await ask(
    {
      request,
      agent: role.name,
      model,
      key: `${key}/turn-${turn}/${name}`,
      contextTokens: Math.round(counted * progress.ratio),
    },
    run,
  );
}

function candidateOf(reply: Reply, pins: Pins, { cut }: LaneToSumUp): Candidate | null {
  const summary = reply.blocks
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n')
    .trim();
  if (summary === '' || reply.stop === 'refused') return null;
  const written = rewritten(summary, [], { pins, cut });
  return { summary, lost: lostPins(pins, written.messages), ...written };
}

function rewritten(
  summary: string,
  lost: readonly string[],
  { pins, cut }: { readonly pins: Pins; readonly cut: CutLane },
): Pick<Candidate, 'message' | 'messages'> {
  const message = summaryMessage(pins, summary, lost);
  return { message, messages: [cut.task, message, ...cut.kept] };
}

function isShorter({ message }: Candidate, { cut }: LaneToSumUp, { countTokens }: Run): boolean {
  return messageTokens([message], countTokens) < messageTokens(cut.old, countTokens);
}
