import { type Claim, type Failure, failure, type JobRecord, type Lease } from '../../core/index.ts';

/** Why a job is stopped while it runs. */
export type Stop = 'cancelled' | 'deadline' | 'drained' | 'storage-failed' | 'lost';

/** A job that a worker was given and has not let go of. */
export interface HeldJob {
  readonly lease: Lease;
  /** The newest that is known here. */
  readonly record: JobRecord;
  /** Fires when it is stopped. */
  readonly signal: AbortSignal;
  /** Why it is being stopped; null while it may go on. */
  stopped(): Stop | null;
  /** Stops it. What says that nothing more can be kept wins over everything said before. */
  stop(why: Stop): void;
}

/**
 * What the run hears. All but the last two are `cancelled` for it: then a call that was cut off counts as one that may
 * have had its effect, and nothing of it is recorded as an answer, so that the job can go on later.
 */
const told: Readonly<Record<Stop, Failure>> = Object.freeze({
  cancelled: failure('cancelled', 'The job was cancelled.'),
  deadline: failure('cancelled', 'The deadline of the job has passed.'),
  drained: failure('cancelled', 'The worker is being stopped; the job goes on with another one.'),
  'storage-failed': failure('storage-failed', 'The store failed while the job ran; it goes on later.'),
  lost: failure('lease-lost', 'Another worker has the job now.'),
});

const weight: Readonly<Record<Stop, number>> = Object.freeze({
  cancelled: 0,
  deadline: 0,
  drained: 0,
  'storage-failed': 1,
  lost: 2,
});

/** Takes hold of a job that was claimed. */
export function holdJob({ job, epoch, record }: Claim): HeldJob {
  const stopping = new AbortController();
  let stopped: Stop | null = null;
  let newest = record;
  return {
    lease: { job, epoch },
    get record() {
      return newest;
    },
    signal: stopping.signal,
    stopped: () => stopped,
    stop(why) {
      if (why === 'cancelled') newest = endAsked(newest);
      if (stopped !== null && weight[why] <= weight[stopped]) return;
      stopped = why;
      stopping.abort(told[why]);
    },
  };
}

/** The record as the store has it since somebody asked for the job's end. */
function endAsked(record: JobRecord): JobRecord {
  return record.cancelAsked ? record : { ...record, cancelAsked: true, version: record.version + 1 };
}

/** Says whether what the job does may still be kept. */
export function mayKeep(held: HeldJob): boolean {
  const stopped = held.stopped();
  return stopped !== 'lost' && stopped !== 'storage-failed';
}
