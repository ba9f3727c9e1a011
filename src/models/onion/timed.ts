import {
  type Clock,
  type Failure,
  failure,
  type Model,
  type ModelEvent,
  ok,
  type Timing,
} from '../../core/index.ts';
import { type Gate, gated, type Passage } from './gate.ts';

/** What measuring a call needs. */
export interface TimedOptions {
  readonly clock: Clock;
  /** The longest one attempt may take, in ms. */
  readonly totalMsMax: number;
}

/** Puts `timing` on every reply, and ends an attempt that takes too long with `timeout`. */
export function timed(model: Model, options: TimedOptions): Model {
  return gated(model, [timeGate(model.id, options)]);
}

/** The gate of `timed`. The limits on the first byte and between bytes are the transport's. */
export function timeGate(modelId: string, { clock, totalMsMax }: TimedOptions): Gate {
  return {
    enter(_, signal) {
      const deadline = startDeadline(clock, totalMsMax, signal);
      const watch = startWatch(clock);
      const passage: Passage = {
        signal: deadline.signal,
        see(event) {
          if (event.type !== 'end') return watch.see(event);
          const { end } = event;
          if (end.type === 'reply')
            return { type: 'end', end: { ...end, reply: { ...end.reply, timing: watch.timing() } } };
          // The model only knows that it was stopped; what it used until then is told all the same.
          const isLate = end.failure.code === 'cancelled' && deadline.isOver();
          return isLate ? { type: 'end', end: { ...end, failure: tooSlow(modelId, totalMsMax) } } : event;
        },
        leave: deadline.lift,
      };
      return ok(passage);
    },
  };
}

/** Long enough for the longest answer there is: 128,000 tokens at 70 tokens a second. */
export const attemptMsMax = 30 * 60_000;

function tooSlow(modelId: string, totalMsMax: number): Failure {
  const minutes = Math.round(totalMsMax / 6_000) / 10;
  return failure(
    'timeout',
    `${modelId} did not finish its answer within ${minutes} minutes. Try again, or ask for less output.`,
  );
}

interface Deadline {
  /** Fires with the caller's, and when time is up. */
  readonly signal: AbortSignal;
  isOver(): boolean;
  lift(): void;
}

function startDeadline(clock: Clock, totalMsMax: number, caller: AbortSignal): Deadline {
  const over = new AbortController();
  let isLate = false;
  const stop = (): void => over.abort();
  if (caller.aborted) stop();
  else caller.addEventListener('abort', stop, { once: true });
  // Nobody waits for the alarm: it is over with the attempt, and a clock's sleep never rejects.
  void clock.sleep(totalMsMax, over.signal).then(() => {
    if (over.signal.aborted) return;
    isLate = true;
    stop();
  });
  return {
    signal: over.signal,
    isOver: () => isLate,
    lift() {
      caller.removeEventListener('abort', stop);
      // With a reason of its own, no error object is made for it: that would cost more than all the rest.
      over.abort('over');
    },
  };
}

interface Watch {
  see(event: ModelEvent): ModelEvent;
  timing(): Timing;
}

/** An answer without any text, such as a bare tool call, is shown all at once: then its first piece is `begun`. */
function startWatch(clock: Clock): Watch {
  const startedMs = clock.now();
  let begunMs: number | null = null;
  let shownMs: number | null = null;
  return {
    see(event) {
      if (event.type === 'begun') begunMs ??= clock.now();
      if (event.type === 'text' || event.type === 'reasoning') shownMs ??= clock.now();
      return event;
    },
    timing() {
      const endedMs = clock.now();
      const firstMs = shownMs ?? begunMs ?? endedMs;
      return { firstTokenMs: firstMs - startedMs, generationMs: endedMs - firstMs };
    },
  };
}
