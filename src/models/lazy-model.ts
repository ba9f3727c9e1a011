import { fail, type Model, type Result } from '../core/index.ts';
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
  return {
    id,
    contextTokensMax,
    async *stream(request, signal) {
      const model = await loaded();
      if (model.ok) yield* model.value.stream(request, signal);
      else yield { type: 'end', end: { type: 'failed', failure: model.failure } };
    },
    ...(countsTokens ? { countTokens: countedBy(id, loaded) } : {}),
  };
}

function countedBy(id: string, loaded: () => Promise<Result<Model>>): NonNullable<Model['countTokens']> {
  return async (request, signal) => {
    const model = await loaded();
    if (!model.ok) return model;
    return model.value.countTokens?.(request, signal) ?? fail('wrong-config', `${id} cannot count tokens.`);
  };
}
