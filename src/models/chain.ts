import {
  type Attempt,
  type Failure,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  sideOf,
} from '../core/index.ts';
import { billedAttempt, endless, sameAs } from './onion/gate.ts';
import type { Outages } from './outages.ts';

/**
 * One model made of several: each is tried in order, until one answers.
 * Passes on what waiting or another model may mend (the world's failures, no access, unknown model), never a
 * cancellation. What a model had shown before it failed is retracted, and what failed attempts used is told beside
 * the answer's own usage, each with its model. A model that was just down is passed over while another one may answer.
 * Id, context size and token count are the first model's.
 */
export function modelChain(models: readonly Model[], outages: Outages = noOutages): Model {
  const [first] = models;
  if (first === undefined) throw new TypeError('A chain needs at least one model');
  if (models.length === 1) return first;
  return { ...sameAs(first), stream: (request, signal) => inOrder({ models, outages }, request, signal) };
}

/** What a chain is made of. */
interface Chain {
  readonly models: readonly Model[];
  readonly outages: Outages;
}

const noOutages: Outages = Object.freeze({ of: () => null, note() {} });

/** What is known of the attempts that failed so far. */
interface Failed {
  readonly failures: readonly Failure[];
  /** Those that were billed. */
  readonly attempts: readonly Attempt[];
}

async function* inOrder(
  { models, outages }: Chain,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  let failed: Failed = { failures: [], attempts: [] };
  for (const [position, model] of models.entries()) {
    const next = models[position + 1];
    const down = outages.of(model.id);
    if (
      down !== null &&
      next !== undefined &&
      models.slice(position + 1).some(({ id }) => outages.of(id) === null)
    ) {
      failed = { ...failed, failures: [...failed.failures, down] };
      yield { type: 'fell-back', from: model.id, to: next.id, code: down.code };
      continue;
    }
    const { end, isShown } = yield* shown(model, request, signal);
    outages.note(model.id, end.type === 'reply' ? null : end.failure);
    if (end.type === 'reply') {
      return yield { type: 'end', end: { ...end, ...billed([...failed.attempts, ...(end.attempts ?? [])]) } };
    }
    failed = withFailure(failed, end, model);
    if (next === undefined || !mayFallBack(end.failure))
      return yield { type: 'end', end: concluded(failed, end.failure) };
    if (isShown) yield { type: 'retracted' };
    yield { type: 'fell-back', from: model.id, to: next.id, code: end.failure.code };
  }
}

function withFailure(
  { failures, attempts }: Failed,
  end: Extract<ModelEnd, { type: 'failed' }>,
  { id }: Model,
): Failed {
  return {
    failures: [...failures, end.failure],
    attempts: [...attempts, ...(end.attempts ?? []), ...billedAttempt(end, id)],
  };
}

function billed(attempts: readonly Attempt[]): Pick<ModelEnd, 'attempts'> {
  return attempts.length === 0 ? {} : { attempts };
}

interface Shown {
  readonly end: ModelEnd;
  /** Some of the answer was shown, and not taken back. */
  readonly isShown: boolean;
}

/** Passes events on, and gives the end instead of showing it. */
async function* shown(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, Shown> {
  let isShown = false;
  for await (const event of model.stream(request, signal)) {
    if (event.type === 'end') return { end: event.end, isShown };
    if (event.type === 'text' || event.type === 'reasoning') isShown = true;
    if (event.type === 'retracted') isShown = false;
    yield event;
  }
  throw endless(model);
}

function mayFallBack({ code }: Failure): boolean {
  if (code === 'cancelled') return false;
  return sideOf(code) === 'world' || code === 'no-access' || code === 'unknown-model';
}

function concluded({ failures, attempts }: Failed, last: Failure): ModelEnd {
  return { type: 'failed', failure: wholeFailure(failures, last), ...billed(attempts) };
}

/**
 * If the world failed anywhere, the whole failed for the world: it may pass, so it must not be recorded as the
 * task's fault because a later model of the chain could not help. A cancellation and a spent budget stand: no other
 * attempt would get further.
 */
function wholeFailure(all: readonly Failure[], last: Failure): Failure {
  if (last.code === 'cancelled' || last.code === 'budget-exhausted' || all.length === 1) return last;
  const chosen = all.find(({ code }) => sideOf(code) === 'world') ?? last;
  return { ...chosen, message: all.map(({ message }) => message).join(' Then: ') };
}
