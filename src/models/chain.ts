import {
  addUsage,
  type Failure,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  sideOf,
  type Usage,
} from '../core/index.ts';

/**
 * One model made of several: each is tried in order, until one answers.
 * Passes on what waiting or another model may mend (the world's failures, no access, unknown model), never a
 * cancellation. What failed attempts used is added to the final usage. Id and context size are the first model's.
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
interface Attempts {
  readonly failures: readonly Failure[];
  readonly usage: Usage | undefined;
}

async function* inOrder(
  models: readonly Model[],
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  let attempts: Attempts = { failures: [], usage: undefined };
  for (const [position, model] of models.entries()) {
    const end = yield* shown(model.stream(request, signal));
    const isLast = position === models.length - 1;
    if (end.type === 'reply' || isLast || !mayFallBack(end.failure)) {
      return yield { type: 'end', end: concluded(end, attempts) };
    }
    attempts = { failures: [...attempts.failures, end.failure], usage: sum(attempts.usage, end.usage) };
  }
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

function concluded(end: ModelEnd, { failures, usage }: Attempts): ModelEnd {
  if (end.type === 'reply') {
    return { type: 'reply', reply: { ...end.reply, usage: sum(usage, end.reply.usage) ?? end.reply.usage } };
  }
  const total = sum(usage, end.usage);
  const all = [...failures, end.failure];
  return {
    type: 'failed',
    failure: wholeFailure(all, end.failure),
    ...(total === undefined ? {} : { usage: total }),
  };
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

function sum(a: Usage | undefined, b: Usage | undefined): Usage | undefined {
  return a === undefined || b === undefined ? (a ?? b) : addUsage(a, b);
}
