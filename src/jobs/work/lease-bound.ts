import {
  type Clock,
  fail,
  interruption,
  type JournalStore,
  ok,
  type Result,
  type StepRecord,
  type Wait,
  type WaitEnd,
} from '../../core/index.ts';
import { type HeldJob, mayKeep } from './held-job.ts';
import type { Office } from './office.ts';

/** The journal of a held job. An append throws once the lease is over or the store failed: then the run ends. */
export function heldJournal(held: HeldJob, recorded: readonly StepRecord[], office: Office): JournalStore {
  const { runs } = office.parts.store;
  return {
    records: async () => recorded,
    async append(record) {
      if (mayKeep(held)) {
        const kept = await office.ask(() => runs.append(held.lease, record));
        if (kept.ok && kept.value === 'kept') return;
        held.stop(kept.ok ? 'lost' : 'storage-failed');
      }
      // After a failure not even what could be kept again is: what was cut off would look as if it had done nothing.
      throw new Error(`Nothing more of job ${held.lease.job} can be kept by this worker`);
    },
  };
}

/** For less a job is not parked; and clocks of two machines may differ by as much. */
const shortWaitMs = 1_000;

/** How a held job waits: what has come is taken, else it is to be parked; `waits` takes what for. */
export function heldWaits(
  held: HeldJob,
  waits: Map<string, Wait>,
  office: Office,
): (wait: Wait) => Promise<Result<WaitEnd>> {
  const { clock } = office.parts;
  return async (wait) => {
    const come = await takeSignal(held, wait, office);
    if (come !== null) return come;
    if (leftMs(wait, clock) > shortWaitMs) {
      waits.set(wait.key, wait);
      return fail('parked', `The job waits for ${wait.signal ?? 'its time'}.`);
    }
    await clock.sleep(leftMs(wait, clock), held.signal);
    if (held.signal.aborted) return { ok: false, failure: interruption(held.signal) };
    return (await takeSignal(held, wait, office)) ?? ok({ type: 'timeout' });
  };
}

function leftMs({ untilMs }: Wait, clock: Clock): number {
  return untilMs === null ? Number.POSITIVE_INFINITY : Math.max(0, untilMs - clock.now());
}

async function takeSignal(held: HeldJob, wait: Wait, office: Office): Promise<Result<WaitEnd> | null> {
  if (wait.signal === null) return null;
  const taken = await office.ask(() => office.parts.store.runs.takeSignal(held.lease.job, wait));
  if (!taken.ok) {
    held.stop('storage-failed');
    return taken;
  }
  return taken.value === null ? null : ok({ type: 'signal', value: taken.value.value });
}
