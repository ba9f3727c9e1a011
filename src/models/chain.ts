import {
  type Attempt,
  type Failure,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  sideOf,
} from '../core/index.ts';

/**
 * One model made of several: each is tried in order, until one answers.
 * Passes on what waiting or another model may mend (the world's failures, no access, unknown model), never a
 * cancellation. What failed attempts used is told beside the answer's own usage, each with its model. Id and context size are the first model's.
 */
export function modelChain(models: readonly Model[]): Model {
  const [first] = models;
  if (first === undefined) throw new TypeError('A chain needs at least one model');
  if (models.length === 1) return first;
  return {
    id: first.id,
    contextTokensMax: first.contextTokensMax,
    stream: (request, signal) => inOrder(models, request, signal),
  };
}

/** What is known of the attempts that failed so far. */
interface Failed {
  readonly failures: readonly Failure[];
  /** Those that were billed. */
  readonly attempts: readonly Attempt[];
}

async function* inOrder(
  models: readonly Model[],
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  let failed: Failed = { failures: [], attempts: [] };
  for (const [position, model] of models.entries()) {
    const end = yield* shown(model.stream(request, signal));
    if (end.type === 'reply') {
      return yield { type: 'end', end: { ...end, ...billed([...failed.attempts, ...(end.attempts ?? [])]) } };
    }
    failed = withFailure(failed, end, model);
    const isLast = position === models.length - 1;
    if (isLast || !mayFallBack(end.failure))
      return yield { type: 'end', end: concluded(failed, end.failure) };
  }
}

function withFailure(
  { failures, attempts }: Failed,
  end: Extract<ModelEnd, { type: 'failed' }>,
  { id }: Model,
): Failed {
  const own = end.usage === undefined ? [] : [{ model: id, usage: end.usage }];
  return { failures: [...failures, end.failure], attempts: [...attempts, ...(end.attempts ?? []), ...own] };
}

function billed(attempts: readonly Attempt[]): Pick<ModelEnd, 'attempts'> {
  return attempts.length === 0 ? {} : { attempts };
}

/** Passes events on, and gives the end instead of showing it. */
async function* shown(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent, ModelEnd> {
  for await (const event of events) {
    if (event.type === 'end') return event.end;
    yield event;
  }
  throw new Error('A model broke its contract: its stream stopped without an end event');
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
 * task's fault because a later model of the chain could not help.
 */
function wholeFailure(all: readonly Failure[], last: Failure): Failure {
  if (last.code === 'cancelled' || all.length === 1) return last;
  const chosen = all.find(({ code }) => sideOf(code) === 'world') ?? last;
  return { ...chosen, message: all.map(({ message }) => message).join(' Then: ') };
}
