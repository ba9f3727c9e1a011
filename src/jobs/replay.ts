import {
  climbs,
  type FileInfo,
  fail,
  hashJson,
  isEnded,
  type JobOutput,
  type JobRecord,
  type Json,
  ok,
  type Result,
  type StoredStep,
} from '../core/index.ts';
import type { Replay } from './desk.ts';
import { type ReplayedRun, type ReplayParts, replayRun } from './replay-run.ts';
import type { JobEnd } from './run-job.ts';

/**
 * Runs a job again from its journal alone and says what came out otherwise; nothing is asked, done or kept.
 * A job that was stopped is replayed to where its journal stops: that is no difference.
 */
export async function replayJob(parts: ReplayParts, record: JobRecord): Promise<Result<Replay>> {
  const { id, state, digest } = record;
  if (!isEnded(state) && state !== 'parked') {
    return fail('wrong-state', `Job ${id} is ${state}: it can be replayed once it has ended or is parked.`);
  }
  const [replayed, files, output] = await Promise.all([
    replayRun(parts, record),
    parts.store.runs.files(id),
    parts.store.runs.output(id),
  ]);
  if (!replayed.ok) return replayed;
  const differences = await differencesOf({ record, files, output, ...replayed.value });
  return ok({ job: id, digest, steps: finished(replayed.value.steps).length, differences });
}

interface Compared extends ReplayedRun {
  readonly record: JobRecord;
  readonly files: readonly FileInfo[];
  readonly output: JobOutput | null;
}

async function differencesOf(compared: Compared): Promise<readonly string[]> {
  const { files, opened, output, end } = compared;
  // Everything after a step with another input would only repeat that one.
  if (end.failure?.code === 'journal-mismatch') return [end.failure.message];
  return [
    ...outcomeDifferences(compared),
    ...stepDifferences(compared),
    ...fileDifferences(files, await opened.run.workspace.list()),
    ...(output === null ? [] : resultDifferences(output.result, end.result)),
  ];
}

/** Whoever stopped a job, or what climbed out of it, is not in its journal: such an end need not come again. */
function outcomeDifferences({ record, end }: Compared): readonly string[] {
  const { state, failure } = record;
  const expected = state === 'succeeded' ? 'done' : isAnswer(record) ? 'failed' : null;
  if (expected === null && end.outcome !== 'failed') return [];
  if (end.outcome === expected && end.failure?.code === failure?.code) return [];
  const before = failure === null ? state : `${state} (${failure.code})`;
  return [`The job was ${before}; its replay ended ${shownEnd(end)}.`];
}

function isAnswer({ state, failure }: JobRecord): boolean {
  return state === 'failed' && failure !== null && !climbs(failure.code);
}

function shownEnd({ outcome, failure }: JobEnd): string {
  if (outcome === 'parked') return 'where the journal stops';
  return failure === null ? outcome : `${outcome}: ${failure.code}: ${failure.message}`;
}

function stepDifferences({ record, steps, replayed }: Compared): readonly string[] {
  const { asked, missing } = replayed;
  // What a fork took over belongs to the way of another job: it need not be this one's.
  const own = finished(steps).filter(({ inherited }) => !inherited);
  const left = [...new Set(own.map((step) => step.record.key))].filter((key) => !wasPassed(key, asked));
  const added = record.state === 'succeeded' ? [...missing] : [];
  return [
    ...added.map((key) => `Step ${key} is not recorded, but would be done.`),
    ...left.map((key) => `Step ${key} is recorded, but was not asked for again.`),
  ];
}

/** What a tool records while it runs is not asked for again where its call is: the call stands for it. */
function wasPassed(key: string, asked: ReadonlySet<string>): boolean {
  const parts = key.split('/');
  return parts.some((_, index) => asked.has(parts.slice(0, index + 1).join('/')));
}

function finished(steps: readonly StoredStep[]): readonly StoredStep[] {
  return steps.filter(({ record }) => record.type === 'done' || record.type === 'failed');
}

function fileDifferences(before: readonly FileInfo[], after: readonly FileInfo[]): readonly string[] {
  const now = new Map(after.map(({ path, hash }) => [path, hash]));
  const then = new Set(before.map(({ path }) => path));
  return [
    ...before.flatMap(({ path, hash }) => {
      if (now.get(path) === hash) return [];
      return [now.has(path) ? `File ${path} has other content.` : `File ${path} is missing.`];
    }),
    ...after.filter(({ path }) => !then.has(path)).map(({ path }) => `File ${path} was not there before.`),
  ];
}

type ResultFields = Readonly<Record<string, Json>>;

function resultDifferences(before: ResultFields, after: ResultFields): readonly string[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .filter((field) => hashJson(before[field] ?? null) !== hashJson(after[field] ?? null))
    .map((field) => `Result ${field} is another one.`);
}
