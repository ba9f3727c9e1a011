import type { Clock, Failure } from '../core/index.ts';

/** Remembers which models were down. Not every call has to find out anew; one for all jobs of a process. */
export interface Outages {
  /** Why a model is not worth asking now; null where nothing speaks against it. */
  of(modelId: string): Failure | null;
  /** Takes in how a call ended, all its retries included; null: it was answered. */
  note(modelId: string, failed: Failure | null): void;
}

/** Half a minute: short beside an outage, and long beside the calls of a job that would each wait for it. */
const restMs = 30_000;

/** Makes a memory without outages. */
export function createOutages(clock: Pick<Clock, 'now'>): Outages {
  const down = new Map<string, { readonly failure: Failure; readonly untilMs: number }>();
  return {
    of(modelId) {
      const outage = down.get(modelId);
      return outage !== undefined && clock.now() < outage.untilMs ? outage.failure : null;
    },
    note(modelId, failed) {
      if (failed?.code === 'provider-down' || failed?.code === 'timeout')
        down.set(modelId, { failure: failed, untilMs: clock.now() + restMs });
      else down.delete(modelId);
    },
  };
}
