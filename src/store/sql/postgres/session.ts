import type { Client } from 'pg';
import { type Clock, StorageError } from '../../../core/index.ts';
import type { Bell } from '../bell.ts';
import { openConnection, type SessionConnection } from './session-connection.ts';

const reconnectMs = 200;
/** A connection whose other end has vanished is found out by asking, every so many ms. */
const askMs = 10_000;
/** How long, in ms, a worker's lock is waited for while Postgres restarts. */
const patienceMs = 10_000;

/** What lasts as long as a connection does: workers' locks, and listening. It is made again whenever it ends. */
export interface Session {
  /** Makes the connection, if nobody has asked for it yet. */
  open(): void;
  /** Resolves once the lock is held; it is taken again after every loss. */
  hold(worker: string): Promise<void>;
  letGo(worker: string): Promise<void>;
  close(): Promise<void>;
}

/** What a session is made of. */
export interface SessionParts {
  readonly createClient: () => Client;
  readonly clock: Clock;
  readonly bell: Bell;
}

/** Makes the one session of a process; it connects when it is first needed. */
export function createSession({ createClient, clock, bell }: SessionParts): Session {
  const held = new Set<string>();
  const closing = new AbortController();
  const { signal } = closing;
  let connected = Promise.withResolvers<SessionConnection>();
  let keeping: Promise<void> | null = null;

  const stayConnected = async (): Promise<void> => {
    const connection = await openConnection(createClient(), { clock, bell });
    if (connection === null) return;
    for (const worker of held) await connection.lock(worker);
    connected.resolve(connection);
    // What was announced while nobody listened.
    bell.ring();
    await connection.untilLost({ askMs, signal });
    connected = Promise.withResolvers();
    await connection.end();
  };
  const keep = async (): Promise<void> => {
    while (!signal.aborted) {
      await stayConnected();
      await clock.sleep(reconnectMs, signal);
    }
  };
  const open = (): void => {
    if (!signal.aborted) keeping ??= keep();
  };
  return {
    open,
    async hold(worker) {
      held.add(worker);
      open();
      for (const endAtMs = clock.now() + patienceMs; clock.now() < endAtMs; ) {
        const connection = await within(connected.promise, endAtMs, clock);
        if (await connection?.lock(worker)) return;
        await clock.sleep(reconnectMs, signal);
      }
      throw new StorageError('Postgres failed: it gives no lock to a worker.', 'undone', null);
    },
    async letGo(worker) {
      if (!held.delete(worker) || signal.aborted) return;
      // A session that is not connected has let go already.
      const connection = await within(connected.promise, clock.now(), clock);
      await connection?.unlock(worker);
    },
    async close() {
      closing.abort();
      await keeping;
    },
  };
}

/** Null when the time is over first. */
async function within<T>(promise: Promise<T>, endAtMs: number, clock: Clock): Promise<T | null> {
  const over = new AbortController();
  const late = clock.sleep(Math.max(0, endAtMs - clock.now()), over.signal).then(() => null);
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
