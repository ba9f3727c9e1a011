import type { JobDelta, StoredEvent } from '../core/index.ts';
import type { Money } from './wire-values.ts';

/** What a job's stream holds: numbered events, and words of models, which have no number and come once. */
export type StreamEvent = JobEvent | Delta;

/** A numbered event of a job: facts only, never a prompt, a tool's input or the text of a file. */
export type JobEvent = OnWire<StoredEvent>;

/** Words of a model while they come. `retracted`: what was shown of the step so far does not count. */
export type Delta = JobDelta & { readonly seq?: never };

/**
 * `atMs` is told as `at`, in ISO 8601, and `…MicroUsd` as `Money`. What quotes a prompt is left out, and the block that
 * changed is called `block`.
 */
type OnWire<Event extends StoredEvent> = Event extends { readonly type: 'prefix-break' | 'prefix-volatile' }
  ? Written<Omit<Event, 'before' | 'after' | 'value' | 'place'>>
  : Written<Event>;

type Written<Facts> = {
  readonly [Name in keyof Facts as NameOf<Name>]: Name extends `${string}MicroUsd`
    ? Money
    : Name extends 'atMs'
      ? string
      : Name extends 'estimate'
        ? Written<NonNullable<Facts[Name]>>
        : Facts[Name];
};

type NameOf<Name> = Name extends `${infer Start}MicroUsd`
  ? Start
  : Name extends 'atMs'
    ? 'at'
    : Name extends 'at'
      ? 'block'
      : Name;
