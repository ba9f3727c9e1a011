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
import { backoffMs } from './backoff.ts';
import { type HeldJob, mayKeep } from './held-job.ts';
import type { Office } from './office.ts';

/** The journal of a held job. */
export interface HeldJournal extends JournalStore {
  /** How many records were handed in. */
  handedIn(): number;
  /** How many of them are kept: the first ones, since they are kept in their order. */
  kept(): number;
  /** Resolves when nothing is on its way any more. What could not be kept has stopped the job by then. */
  settled(): Promise<void>;
}

/** Opens the journal of a held job. An append throws once the lease is over or the store failed: then the run ends. */
export function heldJournal(held: HeldJob, recorded: readonly StepRecord[], office: Office): HeldJournal {
  const { runs } = office.parts.store;
  let newest: Promise<void> = Promise.resolve();
  let handedIn = 0;
  let kept = 0;
  const append = async (record: StepRecord): Promise<void> => {
    if (mayKeep(held)) {
      const appended = await office.ask(() => runs.append(held.lease, record));
      const isKept = appended.ok && appended.value === 'kept';
      // Only what is to be done now needs a second look.
      if (isKept && record.type !== 'started') return;
      if (isKept) await confirmHold(held, office);
      else held.stop(appended.ok ? 'lost' : 'storage-failed');
      if (isKept && mayKeep(held)) return;
    }
    // After a failure not even what could be kept again is: what was cut off would look as if it had done nothing.
    throw new Error(`Nothing more of job ${held.lease.job} can be kept by this worker`);
  };
  const keepAfter = async (before: Promise<void>, record: StepRecord): Promise<void> => {
    await append(record);
    await before;
    kept += 1;
  };
  return {
    records: async () => recorded,
    append(record) {
      handedIn += 1;
      newest = keepAfter(newest, record);
      return newest;
    },
    handedIn: () => handedIn,
    kept: () => kept,
    // Records of one job are kept in their order, so after the newest there is none.
    settled: () => newest.catch(() => {}),
  };
}

/** While a store fails, it is asked this often whose a job is. */
const confirmBackoff = Object.freeze({ firstMs: 100, mostMs: 2_000 });

/**
 * Makes sure that what a job does next is this worker's to do. A process that was frozen may have lost the job to
 * somebody who has done it by now. Null while that cannot be; else the store is asked, and a job that is somebody
 * else's is stopped.
 */
export function confirmHold(held: HeldJob, office: Office): Promise<void> | null {
  return office.life.isSure() ? null : askWhose(held, office);
}

async function askWhose(held: HeldJob, office: Office): Promise<void> {
  const { store, clock, random } = office.parts;
  for (let tries = 0; mayKeep(held) && !office.giveUp.aborted; tries += 1) {
    const askedAtMs = clock.now();
    const found = await office.ask(() => store.runs.find(held.record.tenant, held.lease.job));
    if (found.ok && found.value?.epoch !== held.lease.epoch) return held.stop('lost');
    // An answer that took long may be as old as what is in doubt.
    if (found.ok && clock.now() - askedAtMs < office.terms.leaseMs / 3) return;
    if (!found.ok) await clock.sleep(backoffMs(tries, confirmBackoff, random), office.giveUp);
  }
  held.stop('storage-failed');
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
