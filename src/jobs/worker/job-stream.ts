import {
  climbs,
  type JobEvent,
  type NumberedEvent,
  type Result,
  type Settled,
  type StoredEvent,
  type UnnumberedEvent,
} from '../../core/index.ts';
import { keepStatus, publishNews } from '../live.ts';
import { progressOf } from '../progress.ts';
import { type HeldJob, mayKeep } from './held-job.ts';
import { createEventKeeper } from './keep-events.ts';
import type { HeldJournal } from './lease-bound.ts';
import type { Office } from './office.ts';
import type { ToldBefore } from './told-before.ts';

/** What a held job tells: kept in order, then told to whoever listens. */
export interface JobStream {
  /** Never waits. */
  emit(event: JobEvent): void;
  /** What is told last of a job that ended: how, and what was cut off by it. */
  lastEvents(end: Extract<JobEvent, { readonly type: 'job-ended' }>): readonly UnnumberedEvent[];
  /** Keeps everything told so far of what is recorded. A lease that is over stops the job. */
  flush(): Promise<Result<void>>;
  /** Tells where the job stands now that the worker has let go of it, after everything else was kept. */
  finish(settled: Settled): Promise<void>;
  /** Keeps what has come and refreshes the copy of the status, where it is time. */
  tick(nowMs: number): void;
  /** All calls of this attempt, those from the journal included: what it has cost. */
  calls(): readonly NumberedEvent[];
}

/** As many events are kept without waiting for the next tick. */
const batchSize = 64;
/** Polls may be this much behind, and the stream of a job that nobody listens to: what is told together costs less. */
const quietMs = 2_000;
/** The copy of a status is refreshed this often at most. */
const statusMs = 250;
/** While the store fails, events wait this long for the next try. */
const retryMs = 1_000;

/** What a stream goes on from. */
export interface StreamParts {
  readonly told: ToldBefore;
  readonly journal: Pick<HeldJournal, 'handedIn' | 'kept'>;
}

/** An event, and how many records have to be kept before it may be told: what it tells of is recorded by then. */
interface Waiting {
  readonly event: UnnumberedEvent;
  readonly after: number;
}

/** Opens the stream of a job that was begun. */
export function openJobStream(held: HeldJob, { told, journal }: StreamParts, office: Office): JobStream {
  const { hot, clock } = office.parts;
  const id = held.lease.job;
  const calls: NumberedEvent[] = [];
  const withheld: UnnumberedEvent[] = [];
  const waiting: Waiting[] = [];
  let happenedMs = told.newest?.atMs ?? 0;
  let progress = told.progress;
  let isStatusOld = false;
  let statusAtMs = clock.now();
  let retryAtMs = 0;
  // The first words are told at once: whoever looks sees that it has begun.
  let keptAtMs = 0;
  office.deltas.attend(id);
  // Without a hot store others hear nothing and look at the truth: then it has to be there.
  const isHeard = (): boolean => office.deltas.isListened(id) || !hot.isReachable();
  const onKept = (events: readonly StoredEvent[]): void => {
    progress = progressOf(events, progress);
    isStatusOld = true;
    office.streams.add(stream);
    // What a model said stands before the event of its answer.
    office.deltas.publish(id);
    publishNews(hot, id, { type: 'events', events });
  };
  const keeper = createEventKeeper({ held, office, newestSeq: () => progress.eventSeq, onKept });
  const flush = async (): Promise<Result<void>> => {
    const early = waiting.findIndex(({ after }) => after > journal.kept());
    const due = waiting.splice(0, early === -1 ? waiting.length : early);
    if (due.length > 0) keptAtMs = clock.now();
    const kept = await keeper.keep(due.map(({ event }) => event));
    retryAtMs = kept.ok ? 0 : clock.now() + retryMs;
    return kept;
  };
  if (told.newest?.type === 'job-moved') publishNews(hot, id, { type: 'events', events: [told.newest] });
  void keepStatus(hot, { job: held.record, progress }, statusAtMs);
  const stream: JobStream = {
    emit(event) {
      happenedMs = Math.max(happenedMs, clock.now());
      if (event.type === 'model-called' || event.type === 'tool-called') {
        calls.push({ ...event, seq: calls.length + 1, atMs: happenedMs });
      }
      // Whether the end of a run is the end of its job is not for the run to say.
      if (event.type === 'job-ended' || !mayKeep(held) || told.wasTold(event)) return;
      const timed = { ...event, atMs: happenedMs };
      if (isInterruption(event)) withheld.push(timed);
      else waiting.push({ event: timed, after: journal.handedIn() });
      office.streams.add(stream);
      if (waiting.length >= batchSize) void flush();
    },
    lastEvents: (end) => [...withheld, end],
    flush,
    calls: () => calls,
    async finish({ record, events }) {
      onKept(events);
      await keepStatus(hot, { job: record, progress }, clock.now());
    },
    tick(nowMs) {
      const isTime = nowMs - keptAtMs >= quietMs || isHeard();
      if (isTime && (waiting.length > 0 || keeper.isBehind()) && nowMs >= retryAtMs) void flush();
      if (isStatusOld && nowMs - statusAtMs >= statusMs) {
        [isStatusOld, statusAtMs] = [false, nowMs];
        void keepStatus(hot, { job: held.record, progress }, nowMs);
      }
      if (!isStatusOld && waiting.length === 0 && !keeper.isBehind()) office.streams.delete(stream);
    },
  };
  return stream;
}

/**
 * What climbs only interrupts an agent or a call: a job that goes on later tells how they ended then.
 * It is told when the job has ended of it.
 */
function isInterruption(event: JobEvent): boolean {
  if (event.type === 'agent-ended') return event.code !== null && climbs(event.code);
  return event.type === 'tool-called' && event.failed !== null && climbs(event.failed);
}
