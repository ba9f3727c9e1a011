import type { Claim } from '../../core/index.ts';
import { backoffMs } from './backoff.ts';
import type { Bell } from './bell.ts';
import type { Office } from './office.ts';

/** What claiming needs to know. */
export interface TakingParts {
  readonly enrolled: () => string | null;
  /** Rung when there may be something to do: a slot is free, the worker is enrolled, or it is to stop. */
  readonly bell: Bell;
  readonly isOver: () => boolean;
  readonly hold: (claim: Claim) => void;
}

/** Work may be announced by a message that gets lost: the line is looked at this often all the same. */
const lookMs = 1_000;
/** A store that fails for longer is asked this often. */
const claimBackoff = Object.freeze({ firstMs: 200, mostMs: 5_000 });

/**
 * Jobs claimed at once, and the pause before the next ones, in ms: what runs has a turn in between, and jobs that begin
 * one after the other do not stay in step, all asking their models in one moment and all being answered in another.
 */
const claimsMax = 32;
const breathMs = 1;

/** Claims as many jobs as there are free slots, again and again. */
export async function takeJobs(office: Office, { enrolled, bell, isOver, hold }: TakingParts): Promise<void> {
  const { store, clock, random } = office.parts;
  const { concurrency, ceilings } = office.terms;
  let failures = 0;
  while (!isOver()) {
    const worker = enrolled();
    const max = Math.min(concurrency - office.held.size, claimsMax);
    if (worker === null || max <= 0) {
      await bell.wait((signal) => clock.sleep(lookMs, signal));
      continue;
    }
    const claimed = await office.ask(() => store.runs.claim(worker, { max, ceilings }));
    for (const claim of claimed.ok ? claimed.value : []) hold(claim);
    if (claimed.ok && claimed.value.length === max) {
      await bell.wait((signal) => clock.sleep(breathMs, signal));
      continue;
    }
    // The line is empty, or what stands in it must wait for a tenant's other jobs.
    await bell.wait(async (signal) => {
      const waited = claimed.ok && (await office.ask(() => store.waitForWork(lookMs, signal))).ok;
      failures = waited ? 0 : failures + 1;
      if (!waited) await clock.sleep(backoffMs(failures, claimBackoff, random), signal);
    });
  }
}

/** Says whether a job may have to wait for another one of its tenant. */
export function hasCeilings({ terms: { ceilings } }: Office): boolean {
  return ceilings.others !== null || Object.keys(ceilings.tenants).length > 0;
}
