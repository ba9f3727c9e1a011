import type { ModelEvent } from '../../core/index.ts';

/** What a reader has been shown of an answer that may begin again. */
export interface ShownAnswer {
  /** Takes in the next event of the answer, and gives what is still to be shown. Ends are shown by whoever asked. */
  accept(event: Piece): readonly ModelEvent[];
  /** The answer is complete: gives what sets right a reader who was shown more, or other, than it has. */
  complete(): readonly ModelEvent[];
  /** The answer begins again: as long as it repeats what was shown, nothing is. */
  again(): void;
}

/** What an answer comes in. */
export type Piece = Exclude<ModelEvent, { readonly type: 'end' }>;

type Run = { readonly type: 'text' | 'reasoning'; readonly text: string };

/** Makes one to which nothing was shown. */
export function createShownAnswer(): ShownAnswer {
  // Neighbours are of different types: what comes in pieces is joined.
  let shown: Run[] = [];
  // How far the answer that began again has repeated it; null once it goes its own way.
  let repeated: Position | null = null;

  function show(event: Run): readonly ModelEvent[] {
    const last = shown.at(-1);
    if (last?.type === event.type) shown[shown.length - 1] = { ...last, text: last.text + event.text };
    else shown.push(event);
    return [event];
  }

  function repeat(event: Run, from: Position): readonly ModelEvent[] {
    const step = stepOf(shown, from, event);
    if (step.type === 'repeats') repeated = step.to;
    if (step.type === 'repeats') return [];
    if (step.type === 'differs') return differ(from, [event]);
    repeated = null;
    return step.rest === '' ? [] : show({ ...event, text: step.rest });
  }

  /** Shows the answer from its beginning, which stands in what it has repeated so far. */
  function differ(from: Position, more: readonly Run[]): readonly ModelEvent[] {
    const beginning = shown
      .slice(0, from.run + 1)
      .map((run, at) => (at === from.run ? { ...run, text: run.text.slice(0, from.offset) } : run))
      .filter(({ text }) => text !== '');
    shown = [];
    repeated = null;
    const retracted: ModelEvent = { type: 'retracted' };
    return [retracted, ...[...beginning, ...more].flatMap(show)];
  }

  function takeBack(): readonly ModelEvent[] {
    repeated = null;
    if (shown.length === 0) return [];
    shown = [];
    return [{ type: 'retracted' }];
  }

  return {
    accept(event) {
      if (event.type === 'retracted') {
        // What is taken back has not been shown yet while it was only a repetition.
        if (repeated !== null) repeated = start;
        return repeated === null ? takeBack() : [];
      }
      if (event.type !== 'text' && event.type !== 'reasoning') return [event];
      return repeated === null ? show(event) : repeat(event, repeated);
    },
    complete() {
      const at = repeated;
      if (at === null || isAll(shown, at)) return [];
      return differ(at, []);
    },
    again() {
      repeated = shown.length === 0 ? null : start;
    },
  };
}

type Position = { readonly run: number; readonly offset: number };

const start: Position = Object.freeze({ run: 0, offset: 0 });

type Step =
  | { readonly type: 'repeats'; readonly to: Position }
  /** It has repeated everything, and this is new. */
  | { readonly type: 'goes-on'; readonly rest: string }
  | { readonly type: 'differs' };

function stepOf(shown: readonly Run[], from: Position, event: Run): Step {
  const here = shown[from.run];
  if (here === undefined) return { type: 'goes-on', rest: event.text };
  const left = here.text.slice(from.offset);
  if (left === '') return stepOf(shown, { run: from.run + 1, offset: 0 }, event);
  if (here.type !== event.type) return { type: 'differs' };
  if (left.startsWith(event.text))
    return { type: 'repeats', to: { run: from.run, offset: from.offset + event.text.length } };
  const isLast = from.run === shown.length - 1;
  return isLast && event.text.startsWith(left)
    ? { type: 'goes-on', rest: event.text.slice(left.length) }
    : { type: 'differs' };
}

function isAll(shown: readonly Run[], { run, offset }: Position): boolean {
  return run >= shown.length - 1 && offset >= (shown.at(-1)?.text.length ?? 0);
}
