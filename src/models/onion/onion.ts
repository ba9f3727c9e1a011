import type { Admission, BeforeSend, Budget, Clock, Model } from '../../core/index.ts';
import { budgetGate } from '../money/budgeted.ts';
import type { Price } from '../money/prices.ts';
import { admissionGate } from './admitted.ts';
import { gated } from './gate.ts';
import type { CountRequest } from './request-counter.ts';
import { retried } from './retried.ts';
import { attemptMsMax, timeGate } from './timed.ts';
import { warmthGate } from './warmed.ts';
import type { Warmth } from './warmth.ts';

/** What stands around a provider's model in a job. */
export interface OnionParts {
  readonly job: string;
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  /** One for all jobs of a process, or of a fleet. */
  readonly admission: Admission;
  /** One for all jobs of a process. */
  readonly warmth: Warmth;
  /** Whose rate limits the model's requests count against; the model's id when absent. Never a key. */
  readonly account?: string;
  /** The job's; null where money is no limit. */
  readonly budget: Budget | null;
  readonly priceOf: (modelId: string) => Price | null;
  /** One for all jobs of a process: `createRequestCounter`. */
  readonly counterOf: (modelId: string) => CountRequest;
  /** Another model answers when this one does not: then nobody is patient with it. False when absent. */
  readonly hasFallback?: boolean;
  /** How often one call is made at most: see `RetriedOptions`. */
  readonly attemptsMax?: number;
  /** Whether the job is still this process's to ask for; see `BeforeSend`. */
  readonly beforeSend?: BeforeSend;
}

/**
 * Puts the whole onion around a provider's model: retried, budgeted, warmed, admitted, timed, from the outside in.
 * Every attempt is admitted, timed and charged; the permit is held only while a request is out.
 */
export function onion(model: Model, parts: OnionParts): Model {
  const { job, clock, random, admission, warmth, budget, priceOf } = parts;
  const { account = model.id, hasFallback = false, attemptsMax } = parts;
  const waitMsMax = hasFallback ? waitMsBeforeFallback : waitMsAlone;
  const tokensOf = parts.counterOf(model.id);
  const isWorthWaiting = chargesForWrites(priceOf(model.id));
  const gates = [
    // First, as it may wait for other calls of the job to end: whoever waits there must not hold a permit.
    ...(budget === null ? [] : [budgetGate(model.id, { budget, priceOf, tokensOf })]),
    warmthGate(model.id, { warmth, job, isWorthWaiting, tokensOf }),
    admissionGate({ admission, account, job, tokensOf, waitMsMax }),
    timeGate(model.id, { clock, totalMsMax: attemptMsMax }),
  ];
  return retried(gated(model, gates, parts.beforeSend), {
    clock,
    random,
    totalMsMax: waitMsMax,
    ...(attemptsMax === undefined ? {} : { attemptsMax }),
  });
}

/** In a minute, limits per minute have been full again: what lasts longer is no mere rush. */
const waitMsBeforeFallback = 60_000;

/** A crowd ten times the limit has gone through. Whoever still waits is better taken up again later. */
const waitMsAlone = 10 * 60_000;

/** Providers that charge for writing to their cache are also those that can be read from only after a first byte. */
function chargesForWrites(price: Price | null): boolean {
  return price !== null && price.cacheWrite5mMicroUsd > price.inputMicroUsd;
}
