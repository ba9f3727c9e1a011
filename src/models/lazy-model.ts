import {
  type BeforeSend,
  fail,
  type Model,
  type ModelEvent,
  type ModelRequest,
  type Result,
} from '../core/index.ts';
import { loadOnce } from './load-once.ts';

/** What is known of a model before its code is loaded. */
export interface ModelFacade extends Pick<Model, 'id' | 'contextTokensMax'> {
  /** True where the model can ask its provider how long a request is. */
  readonly countsTokens?: boolean;
}

/** A model whose code is loaded when it is first asked: a process loads only what it uses. */
export function lazyModel(
  { id, contextTokensMax, countsTokens = false }: ModelFacade,
  load: () => Promise<Model>,
): Model {
  const loaded = loadOnce(id, load);
  let known: Model | null = null;

  async function* late(
    request: ModelRequest,
    signal: AbortSignal,
    beforeSend?: BeforeSend,
  ): AsyncGenerator<ModelEvent> {
    const model = await loaded();
    if (!model.ok) return yield { type: 'end', end: { type: 'failed', failure: model.failure } };
    known = model.value;
    yield* known.stream(request, signal, beforeSend);
  }

  return {
    id,
    contextTokensMax,
    // Once the code is there nothing stands between: every generator around a stream costs each of its events a turn.
    stream: (...asked) => (known === null ? late(...asked) : known.stream(...asked)),
    ...(countsTokens ? { countTokens: countedBy(id, loaded) } : {}),
  };
}

function countedBy(
  id: string,
  loaded: () => Result<Model> | Promise<Result<Model>>,
): NonNullable<Model['countTokens']> {
  return async (request, signal) => {
    const model = await loaded();
    if (!model.ok) return model;
    return model.value.countTokens?.(request, signal) ?? fail('wrong-config', `${id} cannot count tokens.`);
  };
}
