import {
  bigResults,
  bigUnseenResults,
  type CutLane,
  cutLane,
  type MovedResult,
  messageTokens,
  turnsIn,
  withoutBoundThinking,
  withPointers,
} from '../context/index.ts';
import {
  addUsage,
  hashJson,
  type Json,
  type Message,
  ok,
  type Result,
  type Run,
  recalled,
} from '../core/index.ts';
import { canReadFiles, moveResults } from './move-results.ts';
import type { LanePlan } from './prefix-report.ts';
import { type Progress, withMessages, withNewest } from './progress.ts';
import type { Assignment } from './role.ts';
import { type SummedUp, sumUp } from './sum-up.ts';

/** A conversation before its next request, and what is left to answer it. */
export interface LaneToFit {
  readonly assignment: Assignment;
  readonly plan: LanePlan;
  readonly progress: Progress;
  /** What is recorded for this turn stands under `<key>/turn-<turn>/compact…`. */
  readonly turn: number;
  readonly outputTokensLeft: number;
}

/**
 * Makes a conversation shorter when it has outgrown its share of the window: first big tool results of old turns move
 * to files, then the old turns are summed up by the agent's own model. What does not fit the window even so gives up
 * big results of the newest turn. Every decision follows from what is recorded, so a replay takes the same way.
 * A summary that cannot be had leaves the conversation as it is.
 */
export async function fitLane(toFit: LaneToFit, run: Run): Promise<Result<Progress>> {
  const { progress, outputTokensLeft, assignment } = toFit;
  if (outputTokensLeft <= 0 || turnsIn(progress.lane.messages) === 0) return ok(progress);
  const window = progress.windowTokens === null ? await windowOf(toFit, run) : ok(progress.windowTokens);
  if (!window.ok) return window;
  const known = { ...progress, windowTokens: window.value };
  const room = Math.min(outputTokensLeft, Math.floor(window.value * outputShareMax));
  const requestTokensMax = window.value - room;
  const tokensMax = assignment.role.compactAt * requestTokensMax;
  if (known.contextTokens <= tokensMax) return ok(known);
  const tooLong = { ...toFit, progress: known, room, requestTokensMax, tokensMax };
  const compacted = await compact(tooLong, run);
  if (!compacted.ok) return compacted;
  const fitted = await moveUnseen({ ...tooLong, progress: compacted.value.after }, run);
  if (!fitted.ok) return fitted;
  if (fitted.value.lane !== progress.lane)
    report(tooLong, { after: fitted.value, refusals: compacted.value.refusals }, run);
  return fitted;
}

/** Turns that stay word for word: what the agent is about, with its last mistakes and their mending. */
const turnsKept = 4;

/** A conversation is brought below this share of its limit, so that the next turns do not bring it back at once. */
const settledShare = 0.75;

/** The most of a window that is held free for the answer: agents that may answer at length must still read. */
const outputShareMax = 0.25;

/** Old turns that fill less than this share of the limit stay: a summary takes room and costs a request, too. */
const oldShareMin = 0.1;

/** A summary that did not help is tried again when the context has grown by a quarter: 0.8 of a window to all of it. */
const retryGrowth = 1.25;

/** A summary every other turn of the 20 an agent has by default would be ten; twice that is for longer runs. */
const summariesMax = 20;

/** Looks up the window as a step: a replay may find another model behind the same name. */
async function windowOf({ assignment: { key, role } }: LaneToFit, run: Run): Promise<Result<number>> {
  const spec = { kind: 'check', replay: 'safe', inputHash: hashJson(key) } as const;
  const { result } = await run.journal.step<Json>(`${key}/window`, spec, async () => ({
    result: ok(Math.min(run.model(role.model).contextTokensMax, Number.MAX_SAFE_INTEGER)),
  }));
  return recalled(result, `${key}/window`, isTokens);
}

function isTokens(value: unknown): value is number {
  return typeof value === 'number';
}

interface LaneTooLong extends LaneToFit {
  /** What is held free for the answer. */
  readonly room: number;
  /** The largest request that leaves this room. */
  readonly requestTokensMax: number;
  /** Where the conversation is to be made shorter. */
  readonly tokensMax: number;
}

interface Compacted {
  readonly after: Progress;
  /** How many summaries were refused. */
  readonly refusals: number;
}

async function compact(tooLong: LaneTooLong, run: Run): Promise<Result<Compacted>> {
  const { assignment, plan, turn, progress, room: outputTokensMax } = tooLong;
  const cut = chooseCut(tooLong, run);
  if (cut === null) return ok({ after: progress, refusals: 0 });
  const folder = canReadFiles(assignment) ? assignment.role.resultsFolder : null;
  const results = folder === null ? [] : bigResults(cut.old, folder);
  const key = `${assignment.key}/turn-${turn}/compact/files`;
  const moved = await moveResults({ assignment, results, key }, run);
  if (!moved.ok) return moved;
  const old = withPointers(cut.old, moved.value);
  const lighter =
    moved.value.length === 0 ? progress : replaced(tooLong, [cut.task, ...old, ...cut.kept], run);
  if (!isWorthSummary({ ...tooLong, progress: lighter }, { ...cut, old }, run))
    return ok({ after: lighter, refusals: 0 });
  const summed = await sumUp(
    { assignment, plan, progress, turn, cut, moved: moved.value, outputTokensMax },
    run,
  );
  return summed.ok ? ok(withSummary({ ...tooLong, progress: lighter }, summed.value, run)) : summed;
}

/** Whether old turns are large enough, and would leave little enough, for a summary to be worth its price. */
function isWorthSummary(
  { progress, requestTokensMax, tokensMax }: LaneTooLong,
  { task, old, kept }: CutLane,
  { countTokens }: Run,
): boolean {
  const { contextTokens, summaries, summaryFailedTokens, staticTokens, ratio } = progress;
  if (contextTokens <= tokensMax * settledShare || summaries >= summariesMax) return false;
  if (summaryFailedTokens !== null && contextTokens < summaryFailedTokens * retryGrowth) return false;
  const leftTokens = (staticTokens + messageTokens([task, ...kept], countTokens)) * ratio;
  const leftTokensMax = contextTokens > requestTokensMax ? requestTokensMax : tokensMax * settledShare;
  return leftTokens <= leftTokensMax && messageTokens(old, countTokens) * ratio >= tokensMax * oldShareMin;
}

function withSummary(
  tooLong: LaneTooLong,
  { messages, pins, usage, refusals }: SummedUp,
  run: Run,
): Compacted {
  const { progress, tokensMax } = tooLong;
  const shorter = messages === null ? progress : { ...replaced(tooLong, messages, run), pins };
  const helped = messages !== null && shorter.contextTokens <= tokensMax;
  const after = {
    ...shorter,
    usage: addUsage(progress.usage, usage),
    summaries: progress.summaries + 1,
    summaryFailedTokens: helped ? null : shorter.contextTokens,
  };
  return { after, refusals };
}

/** Moves as many big results of the newest turn as it takes for the next request to fit, the largest first. */
async function moveUnseen(
  { assignment, progress, turn, requestTokensMax }: LaneTooLong,
  run: Run,
): Promise<Result<Progress>> {
  const { messages } = progress.lane;
  const newest = messages.at(-1);
  let overTokens = progress.contextTokens - requestTokensMax;
  if (overTokens <= 0 || newest === undefined || !canReadFiles(assignment)) return ok(progress);
  const results: MovedResult[] = [];
  for (const result of bigUnseenResults(messages, assignment.role.resultsFolder)) {
    if (overTokens <= 0) break;
    results.push(result);
    overTokens -= (run.countTokens(result.text) - run.countTokens(result.pointer)) * progress.ratio;
  }
  const key = `${assignment.key}/turn-${turn}/compact/newest-files`;
  const moved = await moveResults({ assignment, results, key }, run);
  if (!moved.ok || moved.value.length === 0) return moved.ok ? ok(progress) : moved;
  const lighter = withPointers([newest], moved.value)[0] ?? newest;
  return ok(withNewest(progress, lighter, run.countTokens));
}

/** Keeps the last turns, and fewer only where they alone would fill the room again. */
function chooseCut({ progress, tokensMax }: LaneTooLong, run: Run): CutLane | null {
  const cuts = Array.from({ length: turnsKept }, (_, less) =>
    cutLane(progress.lane.messages, turnsKept - less),
  ).filter((cut) => cut !== null);
  const fits = ({ task, kept }: CutLane): boolean => {
    const counted = progress.staticTokens + messageTokens([task, ...kept], run.countTokens);
    return counted * progress.ratio <= tokensMax * settledShare;
  };
  return cuts.find(fits) ?? cuts.at(-1) ?? null;
}

function replaced(
  { progress, assignment }: LaneTooLong,
  messages: readonly Message[],
  { countTokens }: Run,
): Progress {
  // Models that think on a budget ask for the thinking of the latest turn; all others refuse it behind an edit.
  const isBudgeted = assignment.role.thinkingTokensMax !== null;
  return withMessages(progress, isBudgeted ? messages : withoutBoundThinking(messages), countTokens);
}

function report({ assignment, progress }: LaneTooLong, { after, refusals }: Compacted, run: Run): void {
  run.emit({
    type: 'compacted',
    agent: assignment.role.name,
    key: assignment.key,
    beforeTokens: progress.contextTokens,
    afterTokens: after.contextTokens,
    refusals,
  });
}
