import {
  type Clock,
  failure,
  InspanError,
  interruption,
  type Json,
  ok,
  type Result,
  type Wait,
  type WaitEnd,
} from '../core/index.ts';

/** Where tools of a job in memory wait, and what they wait for comes in. */
export interface SignalBox {
  /** How a wait ends: with a value that was sent, or by its time. Fails soon after the signal fires. */
  awaitSignal(wait: Wait, signal: AbortSignal): Promise<Result<WaitEnd>>;
  /**
   * Hands a value to a wait for its name, now or later: the oldest one, or with `key` that one alone.
   * Throws `InspanError` when the job has ended, or too many values wait for somebody to take them.
   */
  send(name: string, value: Json, options?: { readonly key?: string }): void;
  /** What is waited for now, oldest first. */
  waits(): readonly Wait[];
  /** The job has ended: nobody waits any more. */
  close(): void;
}

interface Value {
  readonly name: string;
  readonly key: string | null;
  readonly value: Json;
}

interface OpenWait {
  readonly wait: Wait;
  readonly take: (value: Json) => void;
}

/** Values that nobody has taken yet: far beyond what a job asks for, so somebody is sending in a loop. */
const valuesMax = 1_000;

/** Opens the signal box of one job. */
export function createSignalBox(clock: Clock): SignalBox {
  const values: Value[] = [];
  const open = new Set<OpenWait>();
  let isClosed = false;
  return {
    async awaitSignal(wait, signal) {
      const at = bestFor(wait, values);
      if (at !== -1) return ok({ type: 'signal', value: (values.splice(at, 1)[0] as Value).value });
      return await waitFor(wait, signal);
    },
    send(name, value, { key = null } = {}) {
      if (isClosed) throw refusal('wrong-state', `The job has ended: nobody waits for ${name}.`);
      const waiting = [...open].find(({ wait }) => wait.signal === name && (key ?? wait.key) === wait.key);
      if (waiting !== undefined) return waiting.take(value);
      if (values.length >= valuesMax)
        throw refusal('too-many-requests', `${valuesMax} signals wait already for somebody to take them.`);
      values.push({ name, key, value });
    },
    waits: () => [...open].map(({ wait }) => wait),
    close() {
      isClosed = true;
      open.clear();
      values.length = 0;
    },
  };

  async function waitFor(wait: Wait, signal: AbortSignal): Promise<Result<WaitEnd>> {
    const came = Promise.withResolvers<Result<WaitEnd>>();
    const over = new AbortController();
    const stop = (): void => came.resolve({ ok: false, failure: interruption(signal) });
    const one: OpenWait = { wait, take };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    open.add(one);
    if (wait.untilMs !== null) void timeOut(wait.untilMs, over.signal, came.resolve);
    try {
      return await came.promise;
    } finally {
      open.delete(one);
      signal.removeEventListener('abort', stop);
      over.abort();
    }

    function take(value: Json): void {
      // At once: a second value that comes before anybody has woken up is for somebody else.
      open.delete(one);
      came.resolve(ok({ type: 'signal', value }));
    }
  }

  /** Clocks of machines sleep for 24 days at most, and people may have longer. */
  async function timeOut(untilMs: number, over: AbortSignal, end: (end: Result<WaitEnd>) => void) {
    while (clock.now() < untilMs && !over.aborted) await clock.sleep(untilMs - clock.now(), over);
    if (!over.aborted) end(ok({ type: 'timeout' }));
  }
}

/** Which value a wait takes: the oldest that names it, else the oldest for anybody; -1 where there is none. */
function bestFor(wait: Wait, values: readonly Value[]): number {
  const named = values.findIndex(({ name, key }) => name === wait.signal && key === wait.key);
  return named === -1 ? values.findIndex(({ name, key }) => name === wait.signal && key === null) : named;
}

function refusal(code: 'wrong-state' | 'too-many-requests', message: string): InspanError {
  return new InspanError([failure(code, message)]);
}
