import type { Model } from '../core/index.ts';

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
      yield* (await loaded).stream(request, signal);
    },
  };
}
