import type { Clock, Model, ModelEnd, ModelEvent, ModelRequest } from '../../core/index.ts';

/** A clock whose time passes only when a test lets it, and then at once. */
export interface LeapClock extends Clock {
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** Lets time pass, wakes who sleeps in the order of their time, and lets everything happen that follows. */
  advance(ms: number): Promise<void>;
  /** Leaps from one sleeper to the next until the work is done. Throws when nobody will ever wake. */
  finish<T>(work: Promise<T>): Promise<T>;
  /** How many sleep. */
  sleeping(): number;
}

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** Makes a clock that leaps. */
export function leapClock(startMs = 1_000_000): LeapClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();

  async function settle(): Promise<void> {
    // Chains of promises are done after one round; what they start is done after another.
    for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  function next(): Sleeper | undefined {
    return [...sleepers].reduce<Sleeper | undefined>(
      (first, each) => (first === undefined || each.untilMs < first.untilMs ? each : first),
      undefined,
    );
  }

  async function leap(sleeper: Sleeper): Promise<void> {
    nowMs = Math.max(nowMs, sleeper.untilMs);
    sleeper.wake();
    await settle();
  }

  return {
    now: () => nowMs,
    sleeping: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const sleeper = {
          untilMs: nowMs + ms,
          wake() {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake, { once: true });
      }),
    settle,
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let due = next(); due !== undefined && due.untilMs <= untilMs; due = next()) await leap(due);
      nowMs = untilMs;
    },
    async finish(work) {
      let isDone = false;
      const ended = (): void => {
        isDone = true;
      };
      work.then(ended, ended);
      await settle();
      while (!isDone) {
        const due = next();
        if (due === undefined || due.untilMs === Number.POSITIVE_INFINITY)
          throw new Error('Nobody sleeps, and the work is not done: it waits for something that never comes');
        await leap(due);
      }
      return await work;
    },
  };
}

/** A small request to begin with. */
export const plainRequest: ModelRequest = Object.freeze({
  lane: 'a',
  tools: [],
  system: [],
  messages: [],
  outputTokensMax: 10,
});

/** Everything a model says, and how it ended. Checks that the end comes once and last. */
export async function outcomeOf(
  model: Model,
  { request = plainRequest, signal = new AbortController().signal }: AskedOptions = {},
): Promise<{ readonly events: readonly ModelEvent[]; readonly end: ModelEnd }> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, signal)) events.push(event);
  const ends = events.flatMap((event) => (event.type === 'end' ? [event.end] : []));
  const [end] = ends;
  if (end === undefined || ends.length > 1 || events.at(-1)?.type !== 'end')
    throw new Error(`Not one end, and that the last: ${JSON.stringify(events)}`);
  return { events, end };
}

interface AskedOptions {
  readonly request?: ModelRequest;
  readonly signal?: AbortSignal;
}

/** What a reader who obeys `retracted` has before them in the end. */
export function readText(events: readonly ModelEvent[]): string {
  let text = '';
  for (const event of events) {
    if (event.type === 'retracted') text = '';
    if (event.type === 'text') text += event.text;
  }
  return text;
}
