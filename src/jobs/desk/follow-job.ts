import { type Clock, type Hot, isEnded, type RunStore, type StoredEvent } from '../../core/index.ts';
import type { LiveEvent } from '../desk.ts';
import { type Inbox, openInbox } from './inbox.ts';
import { eventsAfter } from './stored-events.ts';

/** What following a job takes, and from where on. */
export interface FollowParts {
  readonly runs: RunStore;
  readonly hot: Hot;
  readonly clock: Clock;
  readonly tenant: string;
  readonly id: string;
  readonly after: number;
  readonly signal: AbortSignal;
}

/** How long it may be quiet before the truth is asked whether it really is: news may be lost. */
const quietMs = 1_000;
/** As long as news can be heard the truth is asked less and less often: up to this. */
const quietMsMax = 8_000;

/**
 * Gives a job's events in order, each once: first those that are kept, then live ones. Where live ones leave a gap, or
 * come faster than they are taken, the truth is read. Ends with the event that ended the job.
 */
export async function* followJob(parts: FollowParts): AsyncGenerator<LiveEvent> {
  const { runs, hot, clock, tenant, id, signal } = parts;
  const place = createPlace(parts.after);
  // Before the first page is read, so that nothing can happen unheard between the two.
  const inbox = openInbox({ hot, clock, job: id, signal });
  try {
    for (let waitMs = quietMs; !signal.aborted; ) {
      inbox.clear();
      const before = place.seq();
      const record = await runs.find(tenant, id);
      for await (const page of eventsAfter(runs, id, before)) {
        yield* unread(page, place, signal);
        if (signal.aborted) return;
      }
      const isQuiet = place.seq() === before;
      if (place.isEnd() || (isQuiet && (record === null || isEnded(record.state)))) return;
      inbox.dropDeltas();
      waitMs = isQuiet && hot.isReachable() ? Math.min(2 * waitMs, quietMsMax) : quietMs;
      yield* live(inbox, place, { waitMs, signal });
      if (place.isEnd()) return;
    }
  } finally {
    inbox.close();
  }
}

/** How far somebody has read. */
interface Place {
  /** Of the last event that was read. */
  seq(): number;
  /** True when that one ended the job. */
  isEnd(): boolean;
  /** Goes on to an event; false for one that was read before or does not come next. */
  moveTo(event: StoredEvent): boolean;
}

function createPlace(after: number): Place {
  let seq = after;
  let end = false;
  return {
    seq: () => seq,
    isEnd: () => end,
    moveTo(event) {
      if (event.seq !== seq + 1) return false;
      seq = event.seq;
      end = event.type === 'job-moved' && isEnded(event.state);
      return true;
    },
  };
}

function* unread(events: readonly StoredEvent[], place: Place, signal: AbortSignal): Generator<StoredEvent> {
  for (const event of events) {
    if (signal.aborted) return;
    if (place.moveTo(event)) yield event;
  }
}

interface Listening {
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** Gives live news until it is quiet, the job has ended, or the truth has to be read. */
async function* live(inbox: Inbox, place: Place, { waitMs, signal }: Listening): AsyncGenerator<LiveEvent> {
  while (!signal.aborted && !inbox.isOverfull()) {
    const message = inbox.take();
    if (message === null) {
      if (!(await inbox.wait(waitMs))) return;
    } else if (message.type === 'deltas') {
      yield* message.deltas;
    } else {
      yield* unread(message.events, place, signal);
      const last = message.events.at(-1);
      if (place.isEnd() || (last !== undefined && last.seq > place.seq())) return;
    }
  }
}
