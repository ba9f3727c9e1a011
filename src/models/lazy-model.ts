import { failure, type Model } from '../core/index.ts';

/** A model whose code is loaded when it is first asked: a process loads only what it uses. */
export function lazyModel(
  { id, contextTokensMax }: Pick<Model, 'id' | 'contextTokensMax'>,
  load: () => Promise<Model>,
): Model {
  let loaded: Promise<Model> | null = null;
  return {
    id,
    contextTokensMax,
    async *stream(request, signal) {
      loaded ??= load();
      const model = await loaded.catch(() => null);
      if (model === null) {
        loaded = null;
        const message = `The code that speaks to ${id} could not be loaded: install the package again (npm ci).`;
        return yield { type: 'end', end: { type: 'failed', failure: failure('wrong-config', message) } };
      }
      yield* model.stream(request, signal);
    },
  };
}
