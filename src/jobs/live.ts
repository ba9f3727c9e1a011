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

/** Keeps a copy of where a job stands, for polls. The newer one stays. */
export async function keepStatus(hot: Hot, status: JobStatus): Promise<void> {
  const { job, progress } = status;
  const version = job.version * 1_000_000 + Math.min(progress.eventSeq, 999_999);
  const ttlMs = isEnded(job.state) ? endedStatusMs : liveStatusMs;
  await hot.set(statusKey(job.id), { version, text: JSON.stringify(status) }, ttlMs);
}

/** Drops the copy, where only the truth knows the newest: the next poll asks it. */
export async function forgetStatus(hot: Hot, id: string): Promise<void> {
  await hot.remove(statusKey(id));
}

/** The copy of where a job stands; null where there is none. */
export async function statusCopy(hot: Hot, id: string): Promise<JobStatus | null> {
  const copy = await hot.get(statusKey(id));
  return copy === null ? null : (JSON.parse(copy.text) as JobStatus);
}

/** Tells whoever listens to a job. */
export function publishNews(hot: Hot, id: string, message: LiveMessage): void {
  hot.publish(jobChannel(id), JSON.stringify(message));
}

function statusKey(id: string): string {
  return `status:${id}`;
}
