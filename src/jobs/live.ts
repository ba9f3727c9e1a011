import type { Hot, JobDelta, StoredEvent } from '../core/index.ts';
import { isEnded } from '../core/index.ts';
import type { JobStatus } from './desk.ts';

/** News of a job, for whoever listens now. */
export type LiveMessage =
  | { readonly type: 'events'; readonly events: readonly StoredEvent[] }
  | { readonly type: 'deltas'; readonly deltas: readonly JobDelta[] };

/** Where news of a job is told. */
export function jobChannel(id: string): string {
  return `job:${id}`;
}

/** Where workers hear that somebody asked for the end of a job; the message is its id. */
export const cancelChannel = 'cancel';

/** How long a copy of a status that may still change is believed: what a lost write can be wrong by. */
const liveStatusMs = 10_000;
/** How long a copy of a final status is kept. */
const endedStatusMs = 60 * 60_000;

/** A copy of where a job stands. */
export interface StatusCopy extends JobStatus {
  /** When this copy was kept, ms since 1970. */
  readonly keptAtMs: number;
}

/** Keeps a copy of where a job stands, for polls. The newer one stays. */
export async function keepStatus(hot: Hot, { job, progress }: JobStatus, nowMs: number): Promise<void> {
  const version = job.version * 1_000_000 + Math.min(progress.eventSeq, 999_999);
  const ttlMs = isEnded(job.state) ? endedStatusMs : liveStatusMs;
  const copy: StatusCopy = { job, progress, keptAtMs: nowMs };
  await hot.set(statusKey(job.id), { version, text: JSON.stringify(copy) }, ttlMs);
}

/**
 * Says whether a copy is to be read anew. That is before it goes, so that nobody who polls waits for the truth. Copies
 * that were kept in one moment come up in different ones: between 4 and 8 s later.
 */
export function isAging({ job, keptAtMs }: StatusCopy, nowMs: number): boolean {
  return !isEnded(job.state) && nowMs - keptAtMs >= liveStatusMs * (0.4 + 0.4 * shareOf(job.id));
}

/** A number from 0 to 1 that belongs to a name. */
function shareOf(name: string): number {
  let sum = 0;
  for (let at = 0; at < name.length; at += 1) sum = (sum * 31 + name.charCodeAt(at)) % 1_000;
  return sum / 1_000;
}

/** Drops the copy, where only the truth knows the newest: the next poll asks it. */
export async function forgetStatus(hot: Hot, id: string): Promise<void> {
  await hot.remove(statusKey(id));
}

/** The copy of where a job stands; null where there is none. */
export async function statusCopy(hot: Hot, id: string): Promise<StatusCopy | null> {
  const copy = await hot.get(statusKey(id));
  return copy === null ? null : (JSON.parse(copy.text) as StatusCopy);
}

/** Tells whoever listens to a job. */
export function publishNews(hot: Hot, id: string, message: LiveMessage): void {
  hot.publish(jobChannel(id), JSON.stringify(message));
}

function statusKey(id: string): string {
  return `status:${id}`;
}
