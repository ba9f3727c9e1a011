import { backoffMs, type Caller, pathOf } from './caller.ts';
import { readEventStream } from './event-stream.ts';
import type { StreamEvent } from './wire-event.ts';
import type { Job } from './wire-job.ts';

/** How a job is followed. */
export interface FollowOptions {
  /** Place of the last event that is known already. Default: 0, from the beginning. */
  readonly after?: number;
  /** False leaves the words of models out. Default: true. */
  readonly deltas?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Every event of a job, each once and in order, until the job has ended.
 * A connection that breaks is made again and goes on behind the last event; what models said meanwhile is missing.
 * Fails with `InspanProblem` when nobody has answered for the client's `patienceMs`.
 */
export async function* followJob(
  caller: Caller,
  id: string,
  { after = 0, deltas = true, signal }: FollowOptions = {},
): AsyncGenerator<StreamEvent, void> {
  const { platform } = caller;
  const stop = signal ?? new AbortController().signal;
  let seq = after;
  for (let tries = 0; ; tries++) {
    const newest = yield* readOn(caller, { id, deltas, signal: stop }, seq);
    stop.throwIfAborted();
    // Only the server knows whether it had no more to say, or was itself cut short.
    if (await isOver(caller, { id, signal: stop }, newest)) return;
    if (newest > seq) tries = 0;
    seq = newest;
    await platform.sleep(backoffMs(tries, platform.random), stop);
  }
}

interface Following {
  readonly id: string;
  readonly deltas: boolean;
  readonly signal: AbortSignal;
}

/** Reads one connection to its end; gives the place of the newest event. */
async function* readOn(
  caller: Caller,
  { id, deltas, signal }: Following,
  after: number,
): AsyncGenerator<StreamEvent, number> {
  let seq = after;
  const call = {
    method: 'GET',
    path: `${pathOf('v1', 'jobs', id)}/events`,
    query: deltas ? {} : { deltas: 'false' },
    headers: { accept: 'text/event-stream', ...(seq === 0 ? {} : { 'last-event-id': String(seq) }) },
    isRepeatable: true,
    signal,
  } as const;
  const { body } = await caller.send(call, async (response) => response);
  if (body === null) return seq;
  for await (const sent of readEventStream(body, caller.platform)) {
    for (const { id: number, data } of sent) {
      if (number === '') yield JSON.parse(data) as StreamEvent;
      // What comes twice, behind a proxy that answers from memory for example, was told before.
      else if (Number(number) > seq) {
        seq = Number(number);
        yield JSON.parse(data) as StreamEvent;
      }
    }
  }
  return seq;
}

async function isOver(
  caller: Caller,
  { id, signal }: Pick<Following, 'id' | 'signal'>,
  seq: number,
): Promise<boolean> {
  const job = await caller.json<Job>({
    method: 'GET',
    path: pathOf('v1', 'jobs', id),
    isRepeatable: true,
    signal,
  });
  return hasEnded(job) && (job.progress?.eventSeq ?? 0) <= seq;
}

/** Says whether a job has ended: nothing more happens unless somebody retries it. */
export function hasEnded({ state }: Job): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'expired';
}
