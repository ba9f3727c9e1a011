import type { Clock, Hot, JobAccount, NumberedEvent, Store, TenantCeilings } from '../../core/index.ts';
import type { OpenRun } from '../open-run.ts';

/** What a worker works with. */
export interface WorkerParts {
  readonly store: Store;
  readonly hot: Hot;
  readonly clock: Clock;
  readonly openRun: OpenRun;
  /** Adds up what a job used. */
  readonly accountOf: (events: readonly NumberedEvent[]) => JobAccount;
  readonly worker: WorkerTerms;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  /** One line of what an operator should see. */
  report(problem: string): void;
}

/** How much a worker takes on, and how patient it is. */
export interface WorkerTerms {
  /** Told to whoever asks who works on a job; no other worker has it. */
  readonly id: string;
  /** How many jobs run at once. */
  readonly concurrency: number;
  /** How many jobs of one tenant run at once, over all workers. Default: no limit. */
  readonly ceilings?: TenantCeilings;
  /** How long it is believed to be alive without a beat. Default: 10,000. */
  readonly leaseMs?: number;
  /** How often a job is begun while the world fails it. Default: 8. */
  readonly retriesMax?: number;
  /** How long running jobs may go on when the worker is drained. Default: 30,000. */
  readonly drainMsMax?: number;
}

/** A worker's terms with nothing left open. */
export type SettledTerms = Required<WorkerTerms>;

/** Three missed beats and a worker is taken for dead; a short pause of a machine or a network is survived. */
const leaseMs = 10_000;
/** With full jitter over 1, 2, 4 … 128 s: two minutes of outage on average, four at most. */
const retriesMax = 8;
/** What container platforms grant a process between SIGTERM and SIGKILL (Kubernetes: 30 s). */
const drainMsMax = 30_000;

/** Fills in what was left open. */
export function settledTerms(terms: WorkerTerms): SettledTerms {
  const ceilings: TenantCeilings = { others: null, tenants: {} };
  return { leaseMs, retriesMax, drainMsMax, ceilings, ...terms };
}
