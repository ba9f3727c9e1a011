import type { Model } from '../core/index.ts';
import { loadOnce } from './load-once.ts';

/** A model whose code is loaded when it is first asked: a process loads only what it uses. */
export function lazyModel(
  { id, contextTokensMax }: Pick<Model, 'id' | 'contextTokensMax'>,
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
  };
}
