import type { Claim } from '../../core/index.ts';
import { firstLine } from '../first-line.ts';
import { type Bell, createBell } from './bell.ts';
import { holdJob } from './held-job.ts';
import type { Office } from './office.ts';
import { runHeldJob } from './run-held-job.ts';
import { hasCeilings } from './take-jobs.ts';

/** Where the jobs of a worker run, side by side. */
export interface Shop {
  /** Begins a job that was claimed. */
  hold(claim: Claim): void;
  /** Says whether a job is here. */
  holds(job: string): boolean;
  /** No more jobs are to come, and those that are here must have ended by then. The earliest time counts. */
  closeBy(atMs: number): void;
  isClosing(): boolean;
  /** Waits until no job is here: those that do not end in time are handed over. */
  empty(): Promise<void>;
}

/** Events are kept, deadlines seen and words told this often, for all jobs together. */
const tickMs = 50;
/** A call that is cut off has a second to say what it cost; then its job has to be handed over. */
const handOverMsMax = 5_000;

/** Opens the shop. `work` is rung when a slot is free again. */
export function createShop(office: Office, work: Bell): Shop {
  const { held, parts } = office;
  const { clock, report } = parts;
  const idle = createBell();
  const tickWhileBusy = createTicker(office);
  let closeAtMs: number | null = null;
  const run = async (claim: Claim): Promise<void> => {
    const job = holdJob(claim);
    // Claimed while the worker began to drain: handed over unopened.
    if (closeAtMs !== null) job.stop('drained');
    held.add(job);
    tickWhileBusy();
    try {
      await runHeldJob(job, office);
    } catch (error) {
      report(`A bug of Inspan lost hold of job ${claim.job}: ${firstLine(error)}.`);
    }
    const wasFull = held.size >= office.terms.concurrency;
    held.delete(job);
    idle.ring();
    if (wasFull || hasCeilings(office)) work.ring();
  };
  const emptyBy = async (untilMs: () => number): Promise<void> => {
    while (held.size > 0 && clock.now() < untilMs()) {
      await idle.wait((signal) => clock.sleep(untilMs() - clock.now(), signal));
    }
  };
  return {
    hold: (claim) => void run(claim),
    holds: (id) => [...held].some(({ lease }) => lease.job === id),
    closeBy(atMs) {
      closeAtMs = Math.min(closeAtMs ?? atMs, atMs);
      work.ring();
      idle.ring();
    },
    isClosing: () => closeAtMs !== null,
    async empty() {
      await emptyBy(() => closeAtMs ?? 0);
      for (const job of held) job.stop('drained');
      const handedOverAtMs = clock.now() + handOverMsMax;
      await emptyBy(() => handedOverAtMs);
      // What does not listen is lost to this worker: the store queues it when the worker retires.
      for (const job of held) job.stop('lost');
    },
  };
}

/** Makes what is called whenever a job comes: one clock for all of them, which stands while there are none. */
function createTicker(office: Office): () => void {
  const { held, streams, deltas, parts } = office;
  const { clock } = parts;
  const never = new AbortController().signal;
  let isTicking = false;
  const tick = (): void => {
    const nowMs = clock.now();
    for (const job of held) {
      const { deadlineAtMs } = job.record;
      if (deadlineAtMs !== null && nowMs >= deadlineAtMs) job.stop('deadline');
    }
    for (const stream of streams) stream.tick(nowMs);
    deltas.tick(nowMs);
  };
  const loop = async (): Promise<void> => {
    while (held.size > 0) {
      await clock.sleep(tickMs, never);
      tick();
    }
    isTicking = false;
  };
  return () => {
    if (isTicking) return;
    isTicking = true;
    void loop();
  };
}
