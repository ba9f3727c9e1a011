import { ok, type Result, type StoredEvent, type UnnumberedEvent } from '../../core/index.ts';
import type { HeldJob } from './held-job.ts';
import type { Office } from './office.ts';

/** Keeps the events of one job in their order, each exactly once. */
export interface EventKeeper {
  /** Keeps events after all that were handed in before. A lease that is over stops the job. */
  keep(events: readonly UnnumberedEvent[]): Promise<Result<void>>;
  /** True while something was handed in that is not known to be kept. */
  isBehind(): boolean;
}

/** What a keeper is told and tells. */
export interface EventKeeperParts {
  readonly held: HeldJob;
  readonly office: Office;
  /** Place of the newest event that is known. */
  readonly newestSeq: () => number;
  readonly onKept: (events: readonly StoredEvent[]) => void;
}

/** Makes the keeper of a held job. */
export function createEventKeeper(parts: EventKeeperParts): EventKeeper {
  const waiting: UnnumberedEvent[] = [];
  /** What was sent and perhaps kept: sent again, it must not stand there twice. */
  let doubtful: readonly UnnumberedEvent[] = [];
  let keeping: Promise<Result<void>> | null = null;
  const keepAll = async (): Promise<Result<void>> => {
    try {
      for (;;) {
        const isDoubtful = doubtful.length > 0;
        const batch = isDoubtful ? doubtful : waiting.splice(0);
        if (batch.length === 0) return ok(undefined);
        doubtful = batch;
        const kept = await parts.office.ask(() => keepBatch(batch, isDoubtful, parts));
        if (!kept.ok) return kept;
        doubtful = [];
        if (kept.value === null) parts.held.stop('lost');
        else parts.onKept(kept.value);
      }
    } finally {
      keeping = null;
    }
  };
  return {
    isBehind: () => waiting.length + doubtful.length > 0,
    keep(events) {
      waiting.push(...events);
      if (keeping !== null) return keeping;
      if (waiting.length + doubtful.length === 0) return Promise.resolve(ok(undefined));
      keeping = keepAll();
      return keeping;
    },
  };
}

async function keepBatch(
  batch: readonly UnnumberedEvent[],
  isDoubtful: boolean,
  { held: { lease }, office, newestSeq }: EventKeeperParts,
): Promise<readonly StoredEvent[] | null> {
  const { runs } = office.parts.store;
  if (isDoubtful) {
    // Only the holder of the lease tells what is no move, so what stands there is what was sent.
    const there = await runs.events(lease.job, newestSeq(), batch.length);
    if (there.length === batch.length && there.every(({ type }) => type !== 'job-moved')) return there;
  }
  return await runs.emit(lease, batch);
}
