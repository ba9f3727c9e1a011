import type { Model } from '../../src/core/index.ts';
import { callTool, type ScriptedModel, say, scriptedModel } from '../../src/testing.ts';

/**
 * Writes `out.md` and says so: what it answers depends on the conversation, so a call that is repeated is answered
 * again. `first`: a tool that it calls before.
 */
export function writer(first: string | null = null): ScriptedModel {
  const write = callTool('write_file', { path: 'out.md', content: 'Written.' });
  const answers = [...(first === null ? [] : [callTool(first, {})]), write, say('Done.')];
  return scriptedModel(({ messages }) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    return answers[turn] ?? say('There is nothing left to do.');
  });
}

/** A writer who is slow in one turn. */
export interface GatedWriter {
  readonly model: Model;
  /** Resolves when it is asked in that turn. */
  readonly asked: Promise<void>;
  /** Lets it answer, from now on in every turn. */
  open(): void;
}

/** Makes a writer that waits in the n-th turn until it is let go on or stopped. `endsWhenStopped`: with its answer. */
export function gatedWriter(turn: number, { endsWhenStopped = false } = {}): GatedWriter {
  const inner = writer();
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const model: Model = {
    id: inner.id,
    contextTokensMax: inner.contextTokensMax,
    async *stream(request, signal) {
      if (request.messages.filter(({ role }) => role === 'assistant').length + 1 === turn) {
        asked.resolve();
        const stopped = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => stopped.resolve(), { once: true });
        await Promise.race([gate.promise, stopped.promise]);
      }
      yield* inner.stream(request, endsWhenStopped ? new AbortController().signal : signal);
    },
  };
  return { model, asked: asked.promise, open: gate.resolve };
}
