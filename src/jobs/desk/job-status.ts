import {
  type Hot,
  type JobRecord,
  ok,
  type Result,
  type RunStore,
  StorageError,
  type StoredEvent,
} from '../../core/index.ts';
import type { Caller, JobProgress, JobStatus } from '../desk.ts';
import { forgetStatus, keepStatus, publishNews, statusCopy } from '../live.ts';
import { emptyProgress, progressOf } from '../progress.ts';
import { findJob, jobNotFound } from './not-found.ts';
import { eventsAfter } from './stored-events.ts';

/** Knows where jobs stand. */
export interface StatusReader {
  /** From the hot store where it has a copy, else from the truth, which then is the copy. */
  status(caller: Caller, id: string): Promise<Result<JobStatus>>;
  /** Tells everyone who listens or polls what has become of a job. */
  tell(record: JobRecord): Promise<void>;
}

/** Jobs whose progress is remembered, so that of each only the newest events are read: some hundred bytes each. */
const rememberedMax = 1_000;

/** Opens a reader of statuses. */
export function createStatusReader({
  runs,
  hot,
}: {
  readonly runs: RunStore;
  readonly hot: Hot;
}): StatusReader {
  const remembered = new Map<string, JobProgress>();
  const remember = (id: string, progress: JobProgress): void => {
    remembered.delete(id);
    remembered.set(id, progress);
    const [oldest] = remembered.keys();
    if (remembered.size > rememberedMax && oldest !== undefined) remembered.delete(oldest);
  };
  const readTruth = async (job: JobRecord): Promise<{ status: JobStatus; newest: StoredEvent | null }> => {
    let progress = remembered.get(job.id) ?? emptyProgress;
    let newest: StoredEvent | null = null;
    for await (const page of eventsAfter(runs, job.id, progress.eventSeq)) {
      progress = progressOf(page, progress);
      newest = page.at(-1) ?? newest;
    }
    remember(job.id, progress);
    const status = { job, progress };
    await keepStatus(hot, status);
    return { status, newest };
  };
  /** What was done is done, whether or not it can be read a moment later: then whoever polls reads it himself. */
  const newestOf = async (record: JobRecord): Promise<StoredEvent | null> => {
    try {
      return (await readTruth(record)).newest;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      await forgetStatus(hot, record.id);
      return null;
    }
  };
  return {
    async status(caller, id) {
      const copy = await statusCopy(hot, id);
      if (copy !== null) return copy.job.tenant === caller.tenant ? ok(copy) : jobNotFound(id);
      const found = await findJob(runs, caller, id);
      return found.ok ? ok((await readTruth(found.value)).status) : found;
    },
    async tell(record) {
      const newest = await newestOf(record);
      // Who has not heard of those before it sees the gap, and reads them.
      if (newest !== null) publishNews(hot, record.id, { type: 'events', events: [newest] });
    },
  };
}
