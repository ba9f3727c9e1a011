import {
  bigResults,
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
  hashBytes,
  hashJson,
  type Json,
  type Message,
  ok,
  type Result,
  type Run,
} from '../core/index.ts';
import { applyChanges } from './apply-changes.ts';
import type { LanePlan } from './prefix-report.ts';
import { type Progress, withMessages } from './progress.ts';
import type { Assignment } from './role.ts';
import { sumUp } from './sum-up.ts';

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
 * to files, then the old turns are summed up by the agent's own model. Every decision follows from what is recorded,
 * so a replay takes the same way. A summary that cannot be had leaves the conversation as it is.
 */
export async function fitLane(toFit: LaneToFit, run: Run): Promise<Result<Progress>> {
  const { progress, outputTokensLeft, assignment } = toFit;
  if (progress.compactionFailed || outputTokensLeft <= 0) return ok(progress);
  // A turn stays whole and the last one always stays, so two are needed for anything to give.
  if (turnsIn(progress.lane.messages) < 2) return ok(progress);
  const window = progress.windowTokens === null ? await windowOf(toFit, run) : ok(progress.windowTokens);
  if (!window.ok) return window;
  const known = { ...progress, windowTokens: window.value };
  const room = Math.min(outputTokensLeft, Math.floor(window.value * outputShareMax));
  const tokensMax = assignment.role.compactAt * (window.value - room);
  if (known.contextTokens <= tokensMax) return ok(known);
  const fitted = await compact(
    { ...toFit, progress: known, room, targetTokens: tokensMax * settledShare },
    run,
  );
  if (!fitted.ok || fitted.value.contextTokens <= tokensMax) return fitted;
  // What is left cannot be made shorter: to try again every turn would only cost.
  return ok({ ...fitted.value, compactionFailed: true });
}

/** Turns that stay word for word: what the agent is about, with its last mistakes and their mending. */
const turnsKept = 4;

/** A conversation is brought below this share of its limit, so that the next turns do not bring it back at once. */
const settledShare = 0.75;

/** The most of a window that is held free for the answer: agents that may answer at length must still read. */
const outputShareMax = 0.25;

/** Looks up the window as a step: a replay may find another model behind the same name. */
async function windowOf({ assignment: { key, role } }: LaneToFit, run: Run): Promise<Result<number>> {
  const spec = { kind: 'check', replay: 'safe', inputHash: hashJson(key) } as const;
  const { result } = await run.journal.step<Json>(`${key}/window`, spec, async () => ({
    result: ok(Math.min(run.model(role.model).contextTokensMax, Number.MAX_SAFE_INTEGER)),
  }));
  return result as Result<number>;
}

interface LaneTooLong extends LaneToFit {
  readonly room: number;
  readonly targetTokens: number;
}

async function compact(toFit: LaneTooLong, run: Run): Promise<Result<Progress>> {
  const { progress } = toFit;
  const cut = chooseCut(toFit, run);
  if (cut === null) return ok(progress);
  const moved = await moveResults(toFit, cut.old, run);
  if (!moved.ok) return moved;
  const pointed = [cut.task, ...withPointers(cut.old, moved.value), ...cut.kept];
  const lighter = moved.value.length === 0 ? progress : replaced(toFit, pointed, run);
  if (lighter.contextTokens <= toFit.targetTokens)
    return ok(reported(toFit, { after: lighter, refusals: 0 }, run));
  const { assignment, plan, turn } = toFit;
  const outputTokensMax = toFit.room;
  const summed = await sumUp(
    { assignment, plan, progress, turn, cut, moved: moved.value, outputTokensMax },
    run,
  );
  if (!summed.ok) return summed;
  const { messages, pins, usage, refusals } = summed.value;
  const spent = addUsage(progress.usage, usage);
  if (messages !== null) {
    const after = { ...replaced(toFit, messages, run), pins, usage: spent };
    return ok(reported(toFit, { after, refusals }, run));
  }
  const after = { ...lighter, usage: spent, compactionFailed: true };
  return ok(moved.value.length === 0 ? after : reported(toFit, { after, refusals }, run));
}

/** Keeps the last turns, and fewer only where they alone would fill the room again. */
function chooseCut({ progress, targetTokens }: LaneTooLong, run: Run): CutLane | null {
  const cuts = Array.from({ length: turnsKept }, (_, less) =>
    cutLane(progress.lane.messages, turnsKept - less),
  ).filter((cut) => cut !== null);
  const fits = ({ task, kept }: CutLane): boolean => {
    const counted = progress.staticTokens + messageTokens([task, ...kept], run.countTokens);
    return counted * progress.ratio <= targetTokens;
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

function reported(
  { assignment, progress }: LaneTooLong,
  { after, refusals }: { readonly after: Progress; readonly refusals: number },
  run: Run,
): Progress {
  run.emit({
    type: 'compacted',
    agent: assignment.role.name,
    key: assignment.key,
    beforeTokens: progress.contextTokens,
    afterTokens: after.contextTokens,
    refusals,
  });
  return after;
}

/** Moves big results of old turns to files, as a step: what it changed is recorded and applied like a tool's. */
async function moveResults(
  { assignment, turn }: LaneTooLong,
  old: readonly Message[],
  run: Run,
): Promise<Result<readonly MovedResult[]>> {
  const { role, key, workspace } = assignment;
  const canReadAgain = role.tools.some(({ name }) => name === 'read_file');
  const big = role.resultsFolder === null || !canReadAgain ? [] : bigResults(old, role.resultsFolder);
  if (big.length === 0) return ok([]);
  const inputHash = hashJson(big.map(({ id, path, text }) => ({ id, path, text: hashBytes(text) })));
  const spec = { kind: 'check', replay: 'safe', inputHash } as const;
  const stepped = await run.journal.step<Json>(`${key}/turn-${turn}/compact/files`, spec, async () => {
    const staged = workspace.stage();
    const written: string[] = [];
    for (const { path, text } of big) {
      const there = await staged.read(path);
      if (there.ok && there.value.hash === hashBytes(text)) written.push(path);
      else if ((await staged.write(path, text, null)).ok) written.push(path);
    }
    return { result: ok(written), changes: staged.changes() };
  });
  const applied = await applyChanges(stepped, { agent: role.name, workspace }, run);
  if (!applied.ok) return applied;
  if (!stepped.result.ok) return stepped.result;
  const written: ReadonlySet<Json> = new Set(stepped.result.value as readonly Json[]);
  return ok(big.filter(({ path }) => written.has(path)));
}
