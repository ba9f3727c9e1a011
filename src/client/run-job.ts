import { type Caller, pathOf } from './caller.ts';
import { followJob, hasEnded } from './follow-job.ts';
import { type CreateOptions, createJob } from './jobs.ts';
import { InspanProblem } from './problem.ts';
import type { StreamEvent } from './wire-event.ts';
import type { Job, JobResult } from './wire-job.ts';
import type { JobRequest } from './wire-request.ts';

/** A job as a whole: asked for, followed to its end. */
export interface JobsToTheEnd {
  /**
   * Makes a job, waits for its end and gives what it left behind; through restarts of the server.
   * Rejects with `JobNotDone` when it ended otherwise than well. A job that is parked is waited for.
   */
  run(request: JobRequest, options?: CreateOptions): Promise<JobResult>;
  /** Makes a job and tells everything that happens in it: the job as accepted, its events, the job as it ended. */
  stream(request: JobRequest, options?: CreateOptions): AsyncIterable<StreamedJob>;
  /** Waits until a job has ended, however. Rejects with `InspanProblem` (`timeout`) when that takes too long. */
  wait(id: string, options?: WaitOptions): Promise<Job>;
}

/** What `stream` tells: first and last the job itself. */
export type StreamedJob = StreamEvent | { readonly type: 'job'; readonly job: Job };

/** How long an end is waited for. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Default: for ever. */
  readonly timeoutMs?: number;
}

/** A job that did not succeed, and what there is of it. */
export class JobNotDone extends Error {
  readonly result: JobResult;

  constructor(result: JobResult) {
    const why = result.failure === null ? '' : `: ${result.failure.message}`;
    super(`Job ${result.id} ${result.state}${why}`);
    this.name = 'JobNotDone';
    this.result = result;
  }
}

/** Makes jobs and follows them to their end. */
export function createJobsToTheEnd(caller: Caller): JobsToTheEnd {
  return {
    async run(request, options = {}) {
      const { id } = await createJob(caller, request, options);
      await waitForEnd(caller, id, options);
      const path = pathOf('v1', 'jobs', id, 'result');
      const { signal } = options;
      const result = await caller.json<JobResult>({ method: 'GET', path, isRepeatable: true, signal });
      if (result.state !== 'succeeded') throw new JobNotDone(result);
      return result;
    },
    stream: (request, options = {}) => streamJob(caller, request, options),
    wait: (id, options = {}) => waitForEnd(caller, id, options),
  };
}

async function* streamJob(
  caller: Caller,
  request: JobRequest,
  options: CreateOptions,
): AsyncGenerator<StreamedJob, void> {
  const accepted = await createJob(caller, request, options);
  yield { type: 'job', job: accepted };
  const { signal } = options;
  yield* followJob(caller, accepted.id, signal === undefined ? {} : { signal });
  yield { type: 'job', job: await getJob(caller, accepted.id, signal) };
}

/** Between two looks: often while a job is young, and never so seldom that anybody wonders. */
const lookMs = Object.freeze({ first: 250, most: 3_000, growth: 1.3 });

/** Looks again and again instead of holding a stream: it costs the server little, and passes every proxy. */
async function waitForEnd(caller: Caller, id: string, { signal, timeoutMs }: WaitOptions): Promise<Job> {
  const { platform } = caller;
  const stop = signal ?? new AbortController().signal;
  const giveUpAtMs = platform.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  for (
    let waitMs: number = lookMs.first;
    ;
    waitMs = Math.min(Math.round(waitMs * lookMs.growth), lookMs.most)
  ) {
    const job = await getJob(caller, id, stop);
    if (hasEnded(job)) return job;
    const leftMs = giveUpAtMs - platform.now();
    if (leftMs <= 0) throw lateProblem(job, timeoutMs ?? 0);
    await platform.sleep(Math.min(waitMs, leftMs), stop);
  }
}

async function getJob({ json }: Caller, id: string, signal: AbortSignal | undefined): Promise<Job> {
  return await json<Job>({ method: 'GET', path: pathOf('v1', 'jobs', id), isRepeatable: true, signal });
}

function lateProblem({ id, state }: Job, timeoutMs: number): InspanProblem {
  return new InspanProblem({
    status: null,
    code: 'timeout',
    detail: `Job ${id} is ${state} after ${timeoutMs / 1000} s. It goes on: wait again, or cancel it.`,
  });
}
