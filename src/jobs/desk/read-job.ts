import {
  type FileContent,
  type FileInfo,
  fail,
  isEnded,
  type JobOutput,
  type JobRecord,
  type Json,
  type NumberedEvent,
  ok,
  type Result,
  type StoredStep,
} from '../../core/index.ts';
import { workspacePath } from '../../team/index.ts';
import type { Caller } from '../desk.ts';
import { replayRun } from '../replay-run.ts';
import type { DeskParts } from './desk-parts.ts';
import { findJob } from './not-found.ts';
import { readStoredBrief } from './stored-brief.ts';
import { eventsAfter } from './stored-events.ts';

/** What a job left behind; `wrong-state` while it has not ended. */
export async function outputOf(
  parts: DeskParts,
  caller: Caller,
  id: string,
): Promise<Result<{ readonly job: JobRecord; readonly output: JobOutput }>> {
  const { runs } = parts.store;
  const found = await findJob(runs, caller, id);
  if (!found.ok) return found;
  const job = found.value;
  if (!isEnded(job.state)) {
    return fail('wrong-state', `Job ${id} is ${job.state}: its result is there once it has ended.`);
  }
  return ok({ job, output: (await runs.output(id)) ?? (await outputSoFar(parts, job)) });
}

/** A job that ended while no worker had it: its result is put together from its journal, its bill from its events. */
async function outputSoFar(parts: DeskParts, job: JobRecord): Promise<JobOutput> {
  const { runs } = parts.store;
  const events: NumberedEvent[] = [];
  for await (const page of eventsAfter(runs, job.id, 0)) {
    events.push(...page.filter((event) => event.type !== 'job-moved'));
  }
  const { cuts } = await readStoredBrief(runs, job.id);
  const { startedAtMs, endedAtMs } = job;
  // One that was never begun has done nothing; one whose team is gone shows its files alone.
  const replayed = startedAtMs === null ? null : await replayRun(parts, job);
  return {
    result: replayed?.ok ? replayed.value.end.result : {},
    usage: parts.accountOf(events),
    cuts: cuts as unknown as readonly Json[],
    elapsedMs: startedAtMs === null || endedAtMs === null ? 0 : endedAtMs - startedAtMs,
  };
}

/** The files of a job as they are now. */
export async function filesOf(
  { store }: DeskParts,
  caller: Caller,
  id: string,
): Promise<Result<readonly FileInfo[]>> {
  const found = await findJob(store.runs, caller, id);
  return found.ok ? ok(await store.runs.files(id)) : found;
}

/** One file of a job and its bytes. */
export async function fileOf(
  parts: DeskParts,
  caller: Caller,
  { id, path }: { readonly id: string; readonly path: string },
): Promise<Result<FileContent>> {
  const files = await filesOf(parts, caller, id);
  if (!files.ok) return files;
  const checked = workspacePath(path);
  if (!checked.ok) return checked;
  const file = files.value.find((each) => each.path === checked.value);
  if (file === undefined) {
    return fail(
      'file-not-found',
      `Job ${id} has no file ${checked.value}: list its files to see what is there.`,
    );
  }
  const bytes = await parts.store.blobs.get(file.hash);
  if (bytes === null) throw new Error(`The store has lost ${file.path} of job ${id}`);
  return ok({ ...file, bytes });
}

/** From 1 to this many steps are given at a time. */
const stepsMax = 500;

/** A page of a job's journal. */
export async function stepsOf(
  { store }: DeskParts,
  caller: Caller,
  { id, after, limit }: { readonly id: string; readonly after: number; readonly limit: number },
): Promise<Result<readonly StoredStep[]>> {
  const found = await findJob(store.runs, caller, id);
  if (!found.ok) return found;
  return ok(await store.runs.steps(id, after, Math.min(Math.max(1, Math.floor(limit)), stepsMax)));
}
