import {
  type Clock,
  type Hot,
  type JobRecord,
  ok,
  type Result,
  type RunStore,
  StorageError,
  type StoredEvent,
} from '../../core/index.ts';
import type { Caller, JobProgress, JobStatus } from '../desk.ts';
import { firstLine } from '../first-line.ts';
import { forgetStatus, isAging, keepStatus, publishNews, statusCopy } from '../live.ts';
import { emptyProgress, progressOf } from '../progress.ts';
import { isId, jobNotFound } from './not-found.ts';
import { eventsAfter } from './stored-events.ts';

/** Of a stream that has to be read. */
const unknownLength = Number.POSITIVE_INFINITY;

/** Knows where jobs stand. */
export interface StatusReader {
  /** From the hot store where it has a copy, else from the truth, which then is the copy. */
  status(caller: Caller, id: string): Promise<Result<JobStatus>>;
  /** Tells everyone who listens or polls what has become of a job. */
  tell(record: JobRecord): Promise<void>;
}

/** Jobs whose progress is remembered, so that of each only the newest events are read: some hundred bytes each. */
const rememberedMax = 1_000;

interface StatusParts {
  readonly runs: RunStore;
  readonly hot: Hot;
  readonly clock: Pick<Clock, 'now'>;
  readonly report: (problem: string) => void;
}

/** Opens a reader of statuses. */
export function createStatusReader(parts: StatusParts): StatusReader {
  const { runs, hot, clock } = parts;
  const readTruth = createTruthReader(parts);
  const renew = createRenewal(parts, readTruth);
  /** What was done is done, whether or not it can be read a moment later: then whoever polls reads it himself. */
  const newestOf = async (record: JobRecord): Promise<StoredEvent | null> => {
    try {
      return (await readTruth(record, unknownLength)).newest;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      await forgetStatus(hot, record.id);
      return null;
    }
  };
  return {
    async status(caller, id) {
      const copy = await statusCopy(hot, id);
      if (copy !== null) {
        const { job, progress } = copy;
        if (job.tenant !== caller.tenant) return jobNotFound(id);
        if (isAging(copy, clock.now())) void renew(job);
        return ok({ job, progress });
      }
      const seen = isId(id) ? await runs.glance(caller.tenant, id) : null;
      return seen === null ? jobNotFound(id) : ok((await readTruth(seen.job, seen.events)).status);
    },
    async tell(record) {
      const newest = await newestOf(record);
      // Who has not heard of those before it sees the gap, and reads them.
      if (newest !== null) publishNews(hot, record.id, { type: 'events', events: [newest] });
    },
  };
}

/**
 * Where a job stands by the truth, and the newest event that was not known before. `events`: how many its stream has;
 * it is read only where fewer are known.
 */
type ReadTruth = (
  job: JobRecord,
  events: number,
) => Promise<{ readonly status: JobStatus; readonly newest: StoredEvent | null }>;

/** Makes the call that reads on from what was read before, and leaves a copy. */
function createTruthReader({ runs, hot, clock }: StatusParts): ReadTruth {
  const remembered = new Map<string, JobProgress>();
  const remember = (id: string, progress: JobProgress): void => {
    remembered.delete(id);
    remembered.set(id, progress);
    const [oldest] = remembered.keys();
    if (remembered.size > rememberedMax && oldest !== undefined) remembered.delete(oldest);
  };
  return async (job, events) => {
    let progress = remembered.get(job.id) ?? emptyProgress;
    let newest: StoredEvent | null = null;
    if (events > progress.eventSeq) {
      for await (const page of eventsAfter(runs, job.id, progress.eventSeq)) {
        progress = progressOf(page, progress);
        newest = page.at(-1) ?? newest;
      }
    }
    remember(job.id, progress);
    const status = { job, progress };
    await keepStatus(hot, status, clock.now());
    return { status, newest };
  };
}

/** Makes the call that reads a job anew for its copy, once at a time. It never rejects. */
function createRenewal(
  { runs, report }: StatusParts,
  readTruth: ReadTruth,
): (job: JobRecord) => Promise<void> {
  const renewing = new Set<string>();
  return async ({ tenant, id }) => {
    if (renewing.has(id)) return;
    renewing.add(id);
    try {
      const seen = await runs.glance(tenant, id);
      if (seen !== null) await readTruth(seen.job, seen.events);
    } catch (error) {
      // Once the copy is gone, whoever polls is told that the storage does not answer.
      if (error instanceof StorageError) return;
      report(`A bug of Inspan kept the status of job ${id} from being read: ${firstLine(error)}.`);
    } finally {
      renewing.delete(id);
    }
  };
}
