import {
  canonicalJson,
  isEnded,
  type JobEvent,
  type RunStore,
  type StoredEvent,
  type UnnumberedEvent,
} from '../../core/index.ts';
import type { JobProgress } from '../desk.ts';
import { addToProgress, emptyProgress } from '../progress.ts';

/** What the stream of a job holds already when it is gone on with. */
export interface ToldBefore {
  readonly progress: JobProgress;
  /** How often the job was parked since it was accepted or retried. */
  readonly parkedTimes: number;
  /** The newest event; null in an empty stream. */
  readonly newest: StoredEvent | null;
  /** Says whether this very event was told by an earlier attempt, and counts it as told again. */
  wasTold(event: JobEvent): boolean;
}

/** One page of a stream. */
const pageSize = 500;

/** Reads what earlier attempts told, so that a replay of the journal tells nothing twice. */
export async function readToldBefore(runs: RunStore, id: string): Promise<ToldBefore> {
  const counts = new Map<string, number>();
  let progress = emptyProgress;
  let parkedTimes = 0;
  let openEnd: string | null = null;
  let newest: StoredEvent | null = null;
  for (;;) {
    const page = await runs.events(id, newest?.seq ?? 0, pageSize);
    for (const event of page) {
      progress = addToProgress(progress, event);
      if (event.type === 'job-moved') {
        if (event.state === 'parked') parkedTimes += 1;
        if (isEnded(event.state)) [parkedTimes, openEnd] = [0, null];
      } else if (event.type === 'job-ended') openEnd = identityOf(event);
      else count(counts, identityOf(event), 1);
    }
    newest = page.at(-1) ?? newest;
    if (page.length < pageSize) break;
  }
  return {
    progress,
    parkedTimes,
    newest,
    wasTold(event) {
      // An end is told again after a retry; not when a crash came between telling it and its becoming true.
      if (event.type === 'job-ended') return identityOf(event) === openEnd;
      return !happensOnce.has(event.type) && count(counts, identityOf(event), -1);
    },
  };
}

/** A replay asks no model, so these are always news. */
const happensOnce: ReadonlySet<JobEvent['type']> = new Set(['model-retried', 'model-fell-back']);

/** Counts something up, or down: false where there is nothing left to count down. */
function count(counts: Map<string, number>, identity: string, by: 1 | -1): boolean {
  const after = (counts.get(identity) ?? 0) + by;
  if (after < 0) return false;
  if (after === 0) counts.delete(identity);
  else counts.set(identity, after);
  return true;
}

/** What is the same in an event and in its replay: not when it was, how long it took or what stood around it. */
function identityOf(event: UnnumberedEvent): string {
  if (event.type === 'model-called') {
    const { type, agent, key, model, usage, estimate } = event;
    // What a replay tells of a call that came to nothing bears the key of its step.
    return canonicalJson({
      type,
      agent,
      key: key.replace(/\/model$/, ''),
      model,
      usage,
      estimate: estimate?.usage,
    });
  }
  return canonicalJson({ ...event, seq: undefined, atMs: undefined, replayed: undefined });
}
