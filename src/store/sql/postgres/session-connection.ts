import type { Client } from 'pg';
import type { Clock } from '../../../core/index.ts';
import type { Bell } from '../bell.ts';
import { workChannel, workerKey } from './names.ts';

/** How long, in ms, a goodbye may take: a server that has vanished never answers it. */
const goodbyeMs = 500;

/**
 * With these, Postgres gives up a session whose machine has vanished after some 10 s: 4 s of silence, then three
 * questions without an answer, 2 s apart.
 */
const keepAlive =
  'set tcp_keepalives_idle = 4; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3';

/** One connection of a session, from when it is made until it is lost. */
export interface SessionConnection {
  /** False when the connection is lost. Shared, so that a session's successor gets it before the server misses it. */
  lock(worker: string): Promise<boolean>;
  unlock(worker: string): Promise<void>;
  /** Resolves when the connection is lost, or when the signal fires. */
  untilLost(options: { readonly askMs: number; readonly signal: AbortSignal }): Promise<void>;
  end(): Promise<void>;
}

/** Connects and listens; null when nobody answers. */
export async function openConnection(
  client: Client,
  { clock, bell }: { readonly clock: Clock; readonly bell: Bell },
): Promise<SessionConnection | null> {
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  client.on('notification', () => bell.ring());
  let asked: Promise<boolean> = Promise.resolve(true);
  const askNext = async (statement: string, values: readonly string[]): Promise<boolean> => {
    try {
      await client.query(statement, [...values]);
      return true;
    } catch {
      lost.abort();
      return false;
    }
  };
  // One after the other: a client answers one question at a time.
  const ask = (statement: string, values: readonly string[] = []): Promise<boolean> => {
    asked = asked.then(() => askNext(statement, values));
    return asked;
  };
  try {
    await client.connect();
  } catch {
    return null;
  }
  if (!(await ask(`${keepAlive}; listen ${workChannel}`))) return null;
  return join({ client, clock, lost, ask });
}

function join({
  client,
  clock,
  lost,
  ask,
}: {
  readonly client: Client;
  readonly clock: Clock;
  readonly lost: AbortController;
  readonly ask: (statement: string, values?: readonly string[]) => Promise<boolean>;
}): SessionConnection {
  // Postgres counts how often a session has taken a lock: ours is taken once.
  const locks = new Map<string, Promise<boolean>>();
  return {
    lock(worker) {
      const taken = locks.get(worker) ?? ask(`select pg_advisory_lock_shared(${workerKey('$1')})`, [worker]);
      locks.set(worker, taken);
      return taken;
    },
    async unlock(worker) {
      if (locks.delete(worker)) await ask(`select pg_advisory_unlock_shared(${workerKey('$1')})`, [worker]);
    },
    async untilLost({ askMs, signal }) {
      const over = AbortSignal.any([lost.signal, signal]);
      while (!over.aborted) {
        await clock.sleep(askMs, over);
        if (!over.aborted) await ask('select 1');
      }
    },
    async end() {
      const said = new AbortController();
      const goodbye = client.end().catch(() => {});
      await Promise.race([goodbye, clock.sleep(goodbyeMs, said.signal)]);
      said.abort();
    },
  };
}
