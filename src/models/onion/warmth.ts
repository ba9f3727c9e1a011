import { type Clock, type ModelRequest, ok, type Result } from '../../core/index.ts';
import { cancelled } from '../wire/provider-call.ts';
import { createPrefixNames, type RequestPrefixes } from './prefix-key.ts';
import { createRecent, type Recent } from './recent.ts';
import { createReuse, type Reuse } from './reuse.ts';

/** Knows which prefixes providers' caches hold, and who is writing one. One for all jobs of a process. */
export interface Warmth {
  /** How soon prefixes are used again. */
  readonly reuse: Reuse;
  /** Names what a request begins with. */
  prefixesOf(request: ModelRequest): RequestPrefixes;
  /** The length of a prefix in tokens; counted once, whoever asks. */
  tokensOf(key: string, count: () => number): number;
  /**
   * Waits while somebody else writes one of the prefixes, 30 s at most, and then writes those that are cold.
   * Fails with `cancelled` promptly when the signal fires.
   */
  enter(prefixes: readonly Prefix[], signal: AbortSignal): Result<WarmUse> | Promise<Result<WarmUse>>;
}

/** A prefix of a request, by a name that includes its model. */
export interface Prefix {
  readonly key: string;
  /** How long it stays warm from the start of a request, in ms. */
  readonly keptMs: number;
}

/** A request that uses prefixes and perhaps writes some. */
export interface WarmUse {
  /** The provider has taken the request on: its prefixes are warm from now on. */
  begun(): void;
  /** The request is over. Whoever waited for it takes over when it never began. */
  over(): void;
}

/** Makes a memory that knows nothing. */
export function createWarmth(clock: Clock): Warmth {
  const lengths = createRecent<number>(prefixesMax);
  const states = createRecent<State>(prefixesMax);
  return {
    reuse: createReuse(() => clock.now()),
    prefixesOf: createPrefixNames(),
    tokensOf: (key, count) => lengths.getOrSet(key, count),
    enter(prefixes, signal) {
      const busy = busyOf(prefixes, states);
      return busy === null
        ? ok(useOf(prefixes, states, clock))
        : enterLater({ prefixes, signal, busy }, states, clock);
    },
  };
}

/** A few for each agent of each team a process runs. The oldest is written again. */
const prefixesMax = 2_000;

/** Answers begin within seconds; who waited longer pays for a write of its own rather than for a stuck neighbour. */
const waitMsMax = 30_000;

interface State {
  warmUntilMs: number;
  /** Settles when whoever writes the prefix has begun or failed; null when nobody does. */
  writing: PromiseWithResolvers<void> | null;
}

function busyOf(prefixes: readonly Prefix[], states: Recent<State>): State['writing'] {
  for (const { key } of prefixes) {
    const writing = states.get(key)?.writing ?? null;
    if (writing !== null) return writing;
  }
  return null;
}

interface ToEnter {
  readonly prefixes: readonly Prefix[];
  readonly signal: AbortSignal;
  readonly busy: NonNullable<State['writing']>;
}

async function enterLater(
  { prefixes, signal, busy: first }: ToEnter,
  states: Recent<State>,
  clock: Clock,
): Promise<Result<WarmUse>> {
  const untilMs = clock.now() + waitMsMax;
  for (let busy: State['writing'] = first; busy !== null; busy = busyOf(prefixes, states)) {
    const leftMs = untilMs - clock.now();
    if (leftMs <= 0) break;
    const over = new AbortController();
    await Promise.race([busy.promise, clock.sleep(leftMs, AbortSignal.any([signal, over.signal]))]);
    over.abort('over');
    if (signal.aborted) return { ok: false, failure: cancelled() };
  }
  return ok(useOf(prefixes, states, clock));
}

/** Nothing waits between looking and claiming, so of those that wake together only the first writes. */
function useOf(prefixes: readonly Prefix[], states: Recent<State>, clock: Clock): WarmUse {
  const startedMs = clock.now();
  const used = prefixes.map(({ key }) => states.getOrSet(key, coldState));
  const claimed = used.filter((state) => state.warmUntilMs <= startedMs && state.writing === null);
  for (const state of claimed) state.writing = Promise.withResolvers();

  function over(): void {
    for (const state of claimed.splice(0)) {
      state.writing?.resolve();
      state.writing = null;
    }
  }

  return {
    begun() {
      used.forEach((state, at) => {
        state.warmUntilMs = Math.max(state.warmUntilMs, startedMs + (prefixes[at]?.keptMs ?? 0));
      });
      over();
    },
    over,
  };
}

function coldState(): State {
  return { warmUntilMs: 0, writing: null };
}
