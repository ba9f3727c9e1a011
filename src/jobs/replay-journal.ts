import { fail, type Journal } from '../core/index.ts';

/** A journal that runs nothing, and what was asked of it. */
export interface ReplayJournal {
  readonly journal: Journal;
  /** Keys of steps that were asked for, recorded or not. */
  readonly asked: ReadonlySet<string>;
  /** Keys of steps that would have had to run, in the order they were asked for. */
  readonly missing: ReadonlySet<string>;
}

/**
 * Lets a journal answer from its records alone. A step that is not recorded is never run, be it a model call, a tool or
 * a look at the files: whoever asks for it is parked, so that all others still go on to where their records end.
 */
export function replayOnly(journal: Journal): ReplayJournal {
  const asked = new Set<string>();
  const missing = new Set<string>();
  const under = (inner: Journal, prefix: string): Journal => ({
    settled: () => inner.settled(),
    under: (name) => under(inner.under(name), `${prefix}${name}/`),
    async step(key, spec) {
      asked.add(prefix + key);
      return await inner.step(key, spec, async () => {
        missing.add(prefix + key);
        return { result: fail('parked', `The journal ends before step ${prefix}${key}.`) };
      });
    },
  });
  return { journal: under(journal, ''), asked, missing };
}
