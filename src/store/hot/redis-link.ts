import type { Redis } from 'ioredis';
import type { Clock } from '../../core/index.ts';

/** The way to a Redis that may be gone: never rejects, and never waits when it is known to be gone. */
export interface RedisLink {
  /** What the command gives; `otherwise` where it failed, took too long, or Redis is away. `size`: bytes sent. */
  ask<T, U>(size: number, command: (client: Redis) => Promise<T>, otherwise: U): Promise<T | U>;
  /** Removes a key before Redis is used again: what is there may be older than what this process wanted there. */
  forgetLater(key: string): void;
  isReachable(): boolean;
  /** Resolves when Redis was reached, was found to be away, or after a second. */
  opened(): Promise<void>;
  close(): Promise<void>;
}

/** Failures in a row after which Redis counts as away: fewer would take one slow answer for an outage. */
const failuresMax = 3;
/** How often a Redis that is away is asked whether it is back. */
const retryMs = 500;
/** How long the start waits for the first connection. */
const openMsMax = 1000;
/** Commands without an answer, and their bytes. More can only mean trouble: they are answered as if Redis were away. */
const pendingMax = 10_000;
const pendingSizeMax = 16 * 2 ** 20;
/** Keys that are remembered as outdated. Beyond that the oldest are left to run out by themselves. */
const outdatedMax = 100_000;
/** Keys that go in one command. */
const forgetMax = 1000;

interface LinkState {
  isAway: boolean;
  failures: number;
  pending: number;
  pendingSize: number;
}

/**
 * Makes a link over a client that is connecting. Redis counts as away from the loss of a connection, or some failures
 * in a row, until it has answered a ping and everything outdated in it is gone.
 */
export function createRedisLink(client: Redis, clock: Clock): RedisLink {
  const closing = new AbortController();
  const first = Promise.withResolvers<void>();
  const state: LinkState = { isAway: true, failures: 0, pending: 0, pendingSize: 0 };
  const ask = createAsk(client, state);
  const outdated = createOutdated(client);

  async function tryAgain(): Promise<void> {
    try {
      await client.ping();
      await outdated.removeAll();
      state.failures = 0;
      state.isAway = closing.signal.aborted;
      first.resolve();
    } catch {
      // Whatever it is, it is tried again: by the next connection or by the watch.
      state.isAway = true;
    }
  }

  client.on('ready', () => void tryAgain());
  client.on('close', () => {
    state.isAway = true;
    first.resolve();
  });
  const watching = watch(clock, closing.signal, async () => {
    if (state.isAway || outdated.has()) await tryAgain();
  });

  return {
    ask,
    forgetLater: outdated.add,
    isReachable: () => !state.isAway,
    async opened() {
      const waiting = new AbortController();
      await Promise.race([first.promise, clock.sleep(openMsMax, waiting.signal)]);
      waiting.abort();
    },
    async close() {
      closing.abort();
      // Lets go after what was sent before, such as the last messages.
      await ask(0, () => client.quit(), null);
      state.isAway = true;
      client.disconnect();
      await watching;
    },
  };
}

function createAsk(client: Redis, state: LinkState): RedisLink['ask'] {
  return async (size, command, otherwise) => {
    const isFull = state.pending >= pendingMax || state.pendingSize + size > pendingSizeMax;
    if (state.isAway || isFull) return otherwise;
    state.pending += 1;
    state.pendingSize += size;
    try {
      const answer = await command(client);
      state.failures = 0;
      return answer;
    } catch (error) {
      // A Redis that says no (out of memory, read-only) is there: only silence and lost connections count.
      state.failures = isReply(error) ? 0 : state.failures + 1;
      if (state.failures >= failuresMax) state.isAway = true;
      return otherwise;
    } finally {
      state.pending -= 1;
      state.pendingSize -= size;
    }
  };
}

interface Outdated {
  add(key: string): void;
  has(): boolean;
  removeAll(): Promise<void>;
}

/** Remembers what Redis must not show any more. */
function createOutdated(client: Redis): Outdated {
  const keys = new Set<string>();
  return {
    add(key) {
      keys.add(key);
      const [oldest] = keys;
      if (keys.size > outdatedMax && oldest !== undefined) keys.delete(oldest);
    },
    has: () => keys.size > 0,
    async removeAll() {
      while (keys.size > 0) {
        const some = keys.values().take(forgetMax).toArray();
        await client.unlink(...some);
        for (const key of some) keys.delete(key);
      }
    },
  };
}

async function watch(clock: Clock, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(retryMs, signal);
    if (!signal.aborted) await look();
  }
}

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
