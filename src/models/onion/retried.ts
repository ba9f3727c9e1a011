import {
  type Attempt,
  type Clock,
  type Failure,
  failure,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  sideOf,
} from '../../core/index.ts';
import { billedAttempt, endless, sameAs } from './gate.ts';
import { createShownAnswer } from './shown-answer.ts';

/** How a model's failed calls are tried again. */
export interface RetriedOptions {
  readonly clock: Clock;
  /** From 0 up to, but not, 1: spreads retries of many callers. */
  readonly random: () => number;
  /** The first one included; 5 when absent. */
  readonly attemptsMax?: number;
  /** No attempt begins later than this after the first, in ms. */
  readonly totalMsMax: number;
}

/**
 * Tries a call again when the world failed it. Never after an answer, whatever it says.
 * A reader is shown no text twice: `retracted` is told only where the new answer goes another way.
 */
export function retried(model: Model, options: RetriedOptions): Model {
  return { ...sameAs(model), stream: (request, signal) => tryAgain(model, options, { request, signal }) };
}

/** Four retries outlast a restart of a load balancer; what lasts longer is for a fallback or for the job. */
const attemptsUsual = 5;

async function* tryAgain(
  model: Model,
  options: RetriedOptions,
  { request, signal }: { readonly request: ModelRequest; readonly signal: AbortSignal },
): AsyncGenerator<ModelEvent> {
  const { clock } = options;
  const startedMs = clock.now();
  const shown = createShownAnswer();
  let billed: readonly Attempt[] = [];
  for (let attempt = 1; ; attempt += 1) {
    let end: ModelEnd | null = null;
    for await (const event of model.stream(request, signal)) {
      if (event.type === 'end') {
        end = event.end;
        break;
      }
      for (const piece of shown.accept(event)) yield piece;
    }
    if (end === null) throw endless(model);
    if (end.type === 'reply') {
      for (const piece of shown.complete()) yield piece;
      return yield { type: 'end', end: withAttempts(end, billed) };
    }
    const waitMs = waitMsAfter(end.failure, { attempt, spentMs: clock.now() - startedMs }, options);
    if (waitMs === null) {
      const told = { ...end, failure: afterAttempts(end.failure, attempt) };
      return yield { type: 'end', end: withAttempts(told, billed) };
    }
    billed = [...billed, ...(end.attempts ?? []), ...billedAttempt(end, model.id)];
    yield { type: 'retried', model: model.id, code: end.failure.code, waitMs };
    await clock.sleep(waitMs, signal);
    if (signal.aborted) return yield { type: 'end', end: withAttempts(stopped(), billed) };
    shown.again();
  }
}

/** Puts attempts that were billed before this end to those it tells of itself. */
export function withAttempts(end: ModelEnd, before: readonly Attempt[]): ModelEnd {
  return before.length === 0 ? end : { ...end, attempts: [...before, ...(end.attempts ?? [])] };
}

interface Tried {
  readonly attempt: number;
  readonly spentMs: number;
}

/** How long to wait before the next attempt, in ms; null when there is none. */
function waitMsAfter(failed: Failure, { attempt, spentMs }: Tried, options: RetriedOptions): number | null {
  const { random, attemptsMax = attemptsUsual, totalMsMax } = options;
  if (attempt >= attemptsMax || !mayPass(failed)) return null;
  // On top of what the provider asks for: all who were refused together are told the same.
  const waitMs = Math.round((failed.retryAfterMs ?? 0) + random() * backoffMs(attempt));
  return spentMs + waitMs > totalMsMax ? null : waitMs;
}

function mayPass({ code, retryable }: Failure): boolean {
  if (code === 'cancelled' || code === 'storage-failed') return false;
  return retryable !== false && sideOf(code) === 'world';
}

/** Full jitter below 500 ms, doubled each time, at most 30 s (AWS, "Exponential Backoff and Jitter"). */
function backoffMs(attempt: number): number {
  return Math.min(backoffMsMax, backoffMsBase * 2 ** (attempt - 1));
}

/** As the providers' own SDKs begin. */
const backoffMsBase = 500;
const backoffMsMax = 30_000;

function afterAttempts(failed: Failure, attempts: number): Failure {
  return attempts === 1
    ? failed
    : { ...failed, message: `${failed.message} It was tried ${attempts} times.` };
}

function stopped(): ModelEnd {
  return {
    type: 'failed',
    failure: failure('cancelled', 'The call was cancelled before it was tried again.'),
  };
}
