import {
  type BeforeSend,
  type Failure,
  type Model,
  type ModelEnd,
  type ModelEvent,
  type ModelRequest,
  noUsage,
  type Result,
} from '../../core/index.ts';

/** What one attempt has to pass before it goes out to the provider. */
export interface Gate {
  /** Lets the attempt through, perhaps after a wait, or says why not. Ends promptly when the signal fires. */
  enter(request: ModelRequest, signal: AbortSignal): Result<Passage> | Promise<Result<Passage>>;
}

/** An attempt that is through a gate. */
export interface Passage {
  /** Fires when the attempt must stop; absent where the gate stops none. */
  readonly signal?: AbortSignal;
  /** Sees every event that comes back, the end included, and says what to pass on. */
  see(event: ModelEvent): ModelEvent;
  /** Called once when the attempt is over, also when its reader left early. */
  leave(): void;
}

/** Puts gates before a model, the outermost first. One generator serves them all, so another gate costs next to nothing. */
export function gated(model: Model, gates: readonly Gate[], beforeSend?: BeforeSend): Model {
  return {
    ...sameAs(model),
    stream: (request, signal) => throughGates(model, gates, { request, signal, beforeSend }),
  };
}

/** What a wrapper keeps of the model it stands for: all but how it answers. */
export function sameAs(inner: Model): Omit<Model, 'stream'> {
  const { id, contextTokensMax } = inner;
  if (inner.countTokens === undefined) return { id, contextTokensMax };
  const countTokens: NonNullable<Model['countTokens']> = inner.countTokens.bind(inner);
  return { id, contextTokensMax, countTokens };
}

/** Says that a model did not keep to its contract: a bug of the model, not a failure. */
export function endless({ id }: Pick<Model, 'id'>): Error {
  return new Error(`Model ${id} broke its contract: its stream stopped without an end event`);
}

/** Makes the last event of a call that failed. */
export function failedEvent(failure: Failure): ModelEvent {
  return { type: 'end', end: { type: 'failed', failure } };
}

/** What a failed call cost or may have cost, as an attempt. None when it cost nothing. */
export function billedAttempt(
  end: Extract<ModelEnd, { readonly type: 'failed' }>,
  model: string,
): NonNullable<ModelEnd['attempts']> {
  const { usage, estimate } = end;
  if (usage === undefined && estimate === undefined) return [];
  return [{ model, usage: usage ?? noUsage, ...(estimate === undefined ? {} : { estimate }) }];
}

interface Asked {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly beforeSend: BeforeSend | undefined;
}

async function* throughGates(
  model: Model,
  gates: readonly Gate[],
  { request, signal, beforeSend }: Asked,
): AsyncGenerator<ModelEvent> {
  const passages: Passage[] = [];
  let own = signal;
  try {
    for (const gate of gates) {
      const entering = gate.enter(request, own);
      const entered = entering instanceof Promise ? await entering : entering;
      if (!entered.ok) return yield seen(passages, failedEvent(entered.failure));
      passages.push(entered.value);
      own = entered.value.signal ?? own;
    }
    // Also here: gates make wait, and not every model asks by itself.
    const waiting = beforeSend?.() ?? null;
    if (waiting !== null) await waiting;
    for await (const event of model.stream(request, own, beforeSend)) {
      yield seen(passages, event);
      if (event.type === 'end') return;
    }
    throw endless(model);
  } finally {
    for (let at = passages.length - 1; at >= 0; at -= 1) passages[at]?.leave();
  }
}

/** The innermost sees it first. */
function seen(passages: readonly Passage[], event: ModelEvent): ModelEvent {
  let shown = event;
  for (let at = passages.length - 1; at >= 0; at -= 1) shown = passages[at]?.see(shown) ?? shown;
  return shown;
}
