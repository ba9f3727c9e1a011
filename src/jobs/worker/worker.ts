import { firstLine } from '../first-line.ts';
import { cancelChannel } from '../live.ts';
import { createAskStore } from './ask-store.ts';
import { createBell } from './bell.ts';
import { createDeltaPost } from './deltas.ts';
import { createLeaseKeeper } from './keep-lease.ts';
import { createLife } from './life.ts';
import type { Office } from './office.ts';
import { createShop } from './shop.ts';
import { takeJobs } from './take-jobs.ts';
import { tendStore } from './tend-store.ts';
import { settledTerms, type WorkerParts } from './worker-parts.ts';

/** Takes jobs from the line and runs them, until it is drained. */
export interface Worker {
  /** How many jobs it holds. */
  held(): number;
  /** Takes no more jobs, lets those it has go on for a while and hands over the rest. Then it is gone. */
  drain(): Promise<void>;
  /** Hands over what it has at once. Then it is gone. */
  close(): Promise<void>;
}

/** Starts a worker. Nothing that a job or the store does ends it. */
export function startWorker(parts: WorkerParts): Worker {
  const giveUp = new AbortController();
  const over = new AbortController();
  const work = createBell();
  const office = openOffice(parts, giveUp.signal);
  const keeper = createLeaseKeeper(office, work.ring);
  const shop = createShop(office, work);
  const stopHearing = parts.hot.subscribe(cancelChannel, (id) => {
    if (shop.holds(id)) keeper.beatSoon();
  });
  const taking = watched(
    office,
    takeJobs(office, { enrolled: keeper.enrolled, bell: work, isOver: shop.isClosing, hold: shop.hold }),
  );
  const keeping = watched(office, keeper.keep(over.signal));
  const tending = watched(office, tendStore(office, over.signal));
  let leaving: Promise<void> | null = null;
  const leave = async (): Promise<void> => {
    await taking;
    await shop.empty();
    giveUp.abort();
    over.abort();
    keeper.beatSoon();
    stopHearing();
    await Promise.all([keeping, tending]);
    const name = keeper.enrolled();
    if (name !== null) await office.ask(() => parts.store.runs.retire(name));
  };
  const drainWithin = (ms: number): Promise<void> => {
    shop.closeBy(parts.clock.now() + ms);
    leaving ??= leave();
    return leaving;
  };
  return {
    held: () => office.held.size,
    drain: () => drainWithin(office.terms.drainMsMax),
    close: () => drainWithin(0),
  };
}

function openOffice(parts: WorkerParts, giveUp: AbortSignal): Office {
  const terms = settledTerms(parts.worker);
  return {
    parts,
    terms,
    life: createLife(parts.clock, terms.leaseMs),
    ask: createAskStore(parts.clock, parts.report),
    deltas: createDeltaPost(parts.hot),
    held: new Set(),
    streams: new Set(),
    giveUp,
  };
}

/** Loops end by themselves; one that is thrown out of its way is a bug, and told. */
async function watched(office: Office, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    office.parts.report(
      `A bug stopped a part of worker ${office.terms.id}: ${firstLine(error)}. Restart it.`,
    );
  }
}
