import type { Hot, JobDelta } from '../../core/index.ts';
import { jobChannel, publishNews } from '../live.ts';

/** Tells the words of models to whoever listens to a job. All others are dropped at once. */
export interface DeltaPost {
  /** From here on it is known whether somebody listens to a job. */
  attend(job: string): void;
  /** May be wrong for a moment. */
  isListened(job: string): boolean;
  tell(job: string, delta: JobDelta): void;
  /** Publishes what has come of a job. */
  publish(job: string): void;
  /** Publishes what has come of all jobs, and finds out who listens. Called often. */
  tick(nowMs: number): void;
  forget(job: string): void;
}

/** Often enough to look like typing. */
const publishMs = 100;
/** How soon whoever begins to listen hears something. */
const listenMs = 500;

/** Opens the post for all jobs of a worker. */
export function createDeltaPost(hot: Hot): DeltaPost {
  const waiting = new Map<string, JobDelta[]>();
  const attended = new Set<string>();
  let listened: ReadonlySet<string> = new Set();
  let isAsking = false;
  let publishedAtMs = 0;
  let askedAtMs = 0;
  const publish = (job: string): void => {
    const deltas = waiting.get(job);
    if (deltas === undefined) return;
    waiting.delete(job);
    publishNews(hot, job, { type: 'deltas', deltas });
  };
  const ask = async (): Promise<void> => {
    isAsking = true;
    const channels = await hot.listened([...attended].map(jobChannel));
    listened = new Set([...attended].filter((job) => channels.has(jobChannel(job))));
    isAsking = false;
  };
  return {
    publish,
    attend: (job) => void attended.add(job),
    isListened: (job) => listened.has(job),
    tell(job, delta) {
      if (!listened.has(job)) return;
      const deltas = waiting.get(job) ?? [];
      add(deltas, delta);
      waiting.set(job, deltas);
    },
    tick(nowMs) {
      if (nowMs - publishedAtMs >= publishMs) {
        publishedAtMs = nowMs;
        for (const job of waiting.keys()) publish(job);
      }
      if (attended.size === 0 || isAsking || nowMs - askedAtMs < listenMs) return;
      askedAtMs = nowMs;
      void ask();
    },
    forget(job) {
      attended.delete(job);
      waiting.delete(job);
    },
  };
}

/** Words of one answer are strung together; those of others may have come in between. */
function add(deltas: JobDelta[], delta: JobDelta): void {
  const place = deltas.findLastIndex(({ agent, key }) => agent === delta.agent && key === delta.key);
  const last = deltas[place];
  if (last?.type === 'text' && delta.type === 'text') {
    deltas[place] = { ...delta, text: last.text + delta.text };
  } else deltas.push(delta);
}
