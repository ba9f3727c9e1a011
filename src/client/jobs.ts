import type { JobState, Json } from '../core/index.ts';
import { type Caller, pathOf } from './caller.ts';
import { type FollowOptions, followJob } from './follow-job.ts';
import type { StreamEvent } from './wire-event.ts';
import type { Job, JobFile, JobResult, Replay, StepPage } from './wire-job.ts';
import type { ForkRequest, JobRequest } from './wire-request.ts';
import type { Page } from './wire-values.ts';

/** Files that a job begins with, by name. Blobs and bytes are sent as they are. */
export type GivenFiles = Readonly<Record<string, string | Uint8Array<ArrayBuffer> | Blob>>;

/** On what terms a job is made. */
export interface CreateOptions {
  /** The same key and request are the same job, however often they come. Default: a new one for each call. */
  readonly idempotencyKey?: string;
  /** Files of any kind and size; those of the request itself are text. */
  readonly files?: GivenFiles;
  readonly signal?: AbortSignal;
}

/** Which jobs are wanted. */
export interface ListQuery {
  readonly states?: readonly JobState[];
  readonly team?: string;
  /** Labels that a job must have, all of them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  /** `next` of the page before. */
  readonly cursor?: string;
  /** From 1 to 200. */
  readonly limit?: number;
}

/** A value for whoever waits for it. */
export interface JobSignal {
  /** What is waited for. */
  readonly name: string;
  readonly value: Json;
  /** The one wait it is for. Default: the oldest that waits for the name. */
  readonly key?: string;
  /** A second one with the same id changes nothing. Default: a new one for each call. */
  readonly id?: string;
}

/** A stretch of a job's steps. */
export interface StepsQuery {
  /** Place behind which it begins. */
  readonly after?: number;
  readonly limit?: number;
}

/** What can be done with jobs. Every call fails with `InspanProblem`. */
export interface Jobs {
  /** Durable once it resolves. */
  create(request: JobRequest, options?: CreateOptions): Promise<Job>;
  get(id: string, options?: CallOptions): Promise<Job>;
  /** Newest first. */
  list(query?: ListQuery): Promise<Page<Job>>;
  /** `wrong-state` while the job has not ended. */
  result(id: string): Promise<JobResult>;
  files(id: string): Promise<readonly JobFile[]>;
  /** The newest version of a file. */
  file(id: string, path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Oldest first. */
  steps(id: string, query?: StepsQuery): Promise<StepPage>;
  /** Every event in its order, each once, then live until the job has ended, through lost connections. */
  events(id: string, options?: FollowOptions): AsyncIterable<StreamEvent>;
  cancel(id: string): Promise<Job>;
  /** A failed, cancelled or expired job goes on from where it stopped. */
  retry(id: string): Promise<Job>;
  /** A new job that begins with the records of this one. */
  fork(id: string, request: ForkRequest): Promise<Job>;
  /** Answers what a job waits for, now or later. */
  signal(id: string, signal: JobSignal): Promise<Job>;
  /** Runs it again from its records alone, and says what came out otherwise. */
  replay(id: string): Promise<Replay>;
}

/** Stops a call when it fires; it then rejects with the signal's reason. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Speaks of jobs to a server. */
export function createJobs(caller: Caller): Jobs {
  const { json } = caller;
  const at = (id: string, ...rest: readonly string[]): string => pathOf('v1', 'jobs', id, ...rest);
  return {
    create: (request, options = {}) => createJob(caller, request, options),
    get: (id, { signal } = {}) => json({ method: 'GET', path: at(id), isRepeatable: true, signal }),
    list: (query = {}) =>
      json({ method: 'GET', path: pathOf('v1', 'jobs'), query: listQuery(query), isRepeatable: true }),
    result: (id) => json({ method: 'GET', path: at(id, 'result'), isRepeatable: true }),
    files: async (id) => {
      const call = { method: 'GET', path: at(id, 'files'), isRepeatable: true } as const;
      return (await json<Page<JobFile>>(call)).items;
    },
    file: (id, path) =>
      caller.send(
        { method: 'GET', path: at(id, 'files', ...path.split('/')), isRepeatable: true },
        async (response) => new Uint8Array(await response.arrayBuffer()),
      ),
    steps: (id, query = {}) =>
      json({ method: 'GET', path: at(id, 'steps'), query: { ...query }, isRepeatable: true }),
    events: (id, options) => followJob(caller, id, options),
    cancel: (id) => json({ method: 'POST', path: at(id, 'cancel'), isRepeatable: false }),
    retry: (id) => json({ method: 'POST', path: at(id, 'retry'), isRepeatable: false }),
    fork: (id, request) => json({ method: 'POST', path: at(id, 'fork'), body: request, isRepeatable: false }),
    signal: (id, { name, ...answer }) => {
      const body = { id: caller.platform.newId(), ...answer };
      return json({ method: 'POST', path: at(id, 'signals', name), body, isRepeatable: true });
    },
    replay: (id) => json({ method: 'POST', path: at(id, 'replay'), isRepeatable: true }),
  };
}

/** Makes a job, once, however often it takes to reach the server. */
export async function createJob(
  { json, platform }: Caller,
  request: JobRequest,
  { idempotencyKey = platform.newId(), files, signal }: CreateOptions,
): Promise<Job> {
  return await json({
    method: 'POST',
    path: pathOf('v1', 'jobs'),
    headers: { 'idempotency-key': idempotencyKey },
    ...(files === undefined ? { body: request } : { form: formOf(request, files) }),
    isRepeatable: true,
    signal,
  });
}

function formOf(request: JobRequest, files: GivenFiles): FormData {
  const form = new FormData();
  form.append('request', JSON.stringify(request));
  for (const [name, content] of Object.entries(files)) {
    form.append(name, content instanceof Blob ? content : new Blob([content]), name);
  }
  return form;
}

function listQuery({
  states,
  labels = {},
  ...rest
}: ListQuery): Record<string, string | number | readonly string[] | undefined> {
  const label = Object.entries(labels).map(([name, value]) => `${name}:${value}`);
  return { ...rest, state: states, label };
}
