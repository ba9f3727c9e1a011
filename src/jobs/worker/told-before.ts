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
import { type Absence, isAbsence, triedAgain } from './ending.ts';

/** What the stream of a job holds already when it is gone on with. */
export interface ToldBefore {
  readonly progress: JobProgress;
  /** How often it was tried again because the world failed it, since it was accepted or retried. */
  readonly tries: number;
  readonly absence: Absence;
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
  const unfinished = createUnfinished();
  let progress = emptyProgress;
  let tries = 0;
  let absence = noAbsence;
  let newest: StoredEvent | null = null;
  for (;;) {
    const page = await runs.events(id, newest?.seq ?? 0, pageSize);
    for (const event of page) {
      progress = addToProgress(progress, event);
      absence = absenceAfter(absence, event);
      if (event.type === 'job-moved') {
        if (event.why.startsWith(triedAgain)) tries += 1;
        if (isEnded(event.state)) {
          tries = 0;
          for (const identity of unfinished.takeAll()) count(counts, identity, -1);
        }
      } else if (event.type !== 'job-ended') {
        count(counts, identityOf(event), 1);
        unfinished.hear(event);
      }
    }
    newest = page.at(-1) ?? newest;
    if (page.length < pageSize) break;
  }
  return {
    progress,
    tries,
    absence,
    newest,
    wasTold(event) {
      // Mostly nothing is left that could be told again, and then nobody needs to know what it is.
      return counts.size > 0 && !happensOnce.has(event.type) && count(counts, identityOf(event), -1);
    },
  };
}

/** What was told of agents that were not done when their job ended: after a retry it is told anew. */
function createUnfinished() {
  const identities = new Map<string, readonly string[]>();
  return {
    hear(event: StoredEvent) {
      if (event.type !== 'agent-started' && event.type !== 'agent-ended') return;
      const before = identities.get(event.key) ?? [];
      const isDone = event.type === 'agent-ended' && event.outcome === 'done';
      identities.set(event.key, isDone ? [] : [...before, identityOf(event)]);
    },
    takeAll(): readonly string[] {
      const all = [...identities.values()].flat();
      identities.clear();
      return all;
    },
  };
}

const noAbsence: Absence = Object.freeze({ times: 0, sinceMs: null });

/** Workers that do not have what a job takes only take it and hand it over; all else is told by one that has it. */
function absenceAfter({ times, sinceMs }: Absence, event: StoredEvent): Absence {
  if (event.type === 'job-moved' && event.state === 'running') return { times, sinceMs };
  if (event.type !== 'job-moved' || !isAbsence(event.why)) return noAbsence;
  return { times: times + 1, sinceMs: sinceMs ?? event.atMs };
}

/** A replay asks no model, so these are always news; an end is kept with what it is the end of. */
const happensOnce: ReadonlySet<JobEvent['type']> = new Set(['model-retried', 'model-fell-back', 'job-ended']);

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
