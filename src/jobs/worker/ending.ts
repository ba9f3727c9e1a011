import {
  type EndedState,
  type Ending,
  type Failure,
  type FailureCode,
  failure,
  type JobOutput,
  type JobRecord,
  sideOf,
  type Wait,
} from '../../core/index.ts';
import type { JobEnd } from '../run-job.ts';
import { backoffMs } from './backoff.ts';
import type { Stop } from './held-job.ts';

/** How an attempt at a job came to its end. */
export interface AttemptEnd {
  readonly end: JobEnd;
  /** Why it was stopped from outside, if it was. */
  readonly stopped: Stop | null;
  /** What it waits for. */
  readonly waits: readonly Wait[];
  readonly output: JobOutput;
}

/** On what terms a job is tried again. */
export interface RetryTerms {
  /** How often it was tried again before; parks, drains and lost workers do not count. */
  readonly tries: number;
  readonly triesMax: number;
  readonly absence: Absence;
  readonly nowMs: number;
  readonly random: () => number;
}

/** How long only workers without its team or models have taken a job. */
export interface Absence {
  readonly times: number;
  /** Since when; null where the last worker had it. */
  readonly sinceMs: number | null;
}

/** What a job's stream says of an outage, before its code. */
export const triedAgain = 'tried again: ';

/** What a job's stream says of a worker that does not have what the job takes. */
const absences: Readonly<Partial<Record<FailureCode, string>>> = Object.freeze({
  'team-missing': 'the worker does not have its team',
  'model-missing': 'the worker cannot reach its models',
});

/** Says whether a worker handed a job over for want of what it takes. */
export function isAbsence(why: string): boolean {
  return Object.values(absences).includes(why);
}

/**
 * Says how a worker lets go of a job; null where it has lost it: then it says nothing more.
 * What finished is finished, whatever was asked meanwhile.
 */
export function endingOf(attempt: AttemptEnd, terms: RetryTerms): Ending | null {
  const { end, stopped, waits, output } = attempt;
  if (stopped === 'lost') return null;
  if (stopped === 'storage-failed') return handedOver('the store failed', storageFailed);
  if (end.outcome === 'done') return ended('succeeded', null, output);
  if (stopped === 'cancelled') return ended('cancelled', cancelledByPerson, output);
  if (stopped === 'deadline') return ended('expired', deadlinePassed, output);
  if (stopped === 'drained') return handedOver('the worker was drained', null);
  // Nobody could ever wake up a job that waits for nothing.
  if (end.outcome === 'parked' && waits.length > 0) {
    return { type: 'parked', waits, costMicroUsd: output.usage.total.costMicroUsd };
  }
  const why = end.failure ?? noReason;
  if (absences[why.code] !== undefined) return without(why, output, terms);
  return mayPass(why) && terms.tries < terms.triesMax ? later(why, terms) : ended('failed', why, output);
}

/** Lets go of a job so that it is tried again after a wait. */
export function later(why: Failure, { tries, nowMs, random }: RetryTerms): Ending {
  const waitMs = Math.max(why.retryAfterMs ?? 0, backoffMs(tries, retryBackoff, random));
  return { type: 'handed-over', notBeforeMs: nowMs + waitMs, failure: why, why: `${triedAgain}${why.code}` };
}

/** While a new version is rolled out, some workers have a team or a key that others do not have yet, or not any more. */
function without(why: Failure, output: JobOutput, { absence, nowMs, random }: RetryTerms): Ending {
  if (absence.sinceMs !== null && nowMs - absence.sinceMs >= absenceMsMax) {
    return ended('failed', why, output);
  }
  const notBeforeMs = nowMs + backoffMs(absence.times, absenceBackoff, random);
  return { type: 'handed-over', notBeforeMs, failure: why, why: absences[why.code] ?? why.message };
}

/** Longer than any roll-out should take, and short enough to be told of a team that was forgotten the same day. */
const absenceMsMax = 60 * 60_000;
/** A worker that has the team may look at any time; the line is not kept busy by those that do not. */
const absenceBackoff = Object.freeze({ firstMs: 500, mostMs: 60_000 });

/** Nothing helps against an outage of hours but coming back now and then. */
const retryBackoff = Object.freeze({ firstMs: 1_000, mostMs: 300_000 });

function mayPass({ code, retryable }: Failure): boolean {
  return sideOf(code) === 'world' && retryable !== false;
}

function handedOver(why: string, because: Failure | null): Ending {
  return { type: 'handed-over', notBeforeMs: null, failure: because, why };
}

function ended(state: EndedState, because: Failure | null, output: JobOutput): Ending {
  return {
    type: 'ended',
    state,
    failure: because,
    output,
    costMicroUsd: output.usage.total.costMicroUsd,
  };
}

/** From when a job was first begun, in ms. */
export function elapsedMs({ startedAtMs }: JobRecord, nowMs: number): number {
  return startedAtMs === null ? 0 : Math.max(0, nowMs - startedAtMs);
}

const cancelledByPerson = failure('cancelled', 'The job was cancelled.');
const deadlinePassed = failure(
  'deadline-passed',
  'The deadline of the job passed before it ended. Retry it, or give the next one more time.',
);
const storageFailed = failure('storage-failed', 'The store failed while the job ran; it goes on by itself.');
const noReason = failure('tool-failed', 'The job ended without a reason.');
