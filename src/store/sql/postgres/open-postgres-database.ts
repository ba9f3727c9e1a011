import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Pool } from 'pg';
import { type Clock, type Failure, failure, ok, type Result } from '../../../core/index.ts';
import { createBell } from '../bell.ts';
import type { Liveness, OpenedDatabase } from '../database.ts';
import type { Tables } from '../tables.ts';
import { createPool, createSessionClient } from './connection.ts';
import {
  isHeld,
  releaseSessionLock,
  startedAt,
  takeNameLock,
  takeSessionLock,
  workChannel,
} from './names.ts';
import { codeOf, reasonOf, tellStorage } from './postgres-error.ts';
import { quietPool } from './quiet-pool.ts';
import { createReadDialect } from './read-dialect.ts';
import { createServerClock } from './server-clock.ts';
import { createSession, type Session } from './session.ts';
import { createWrite } from './write.ts';

/** The oldest major version that Inspan is tested with. */
const versionMin = 15;
/** Enough to keep Postgres busy: appends of many jobs come together in few statements. */
const connectionsDefault = 10;
/** Every worker's session ends when Postgres restarts, and is back within a second. */
const settlingDefaultMs = 5000;

/** What a Postgres database needs beside its address. */
export interface PostgresOptions {
  readonly clock: Clock;
  /** Connections of this process for statements, at least 2; one more is used for listening. Default: 10. */
  readonly connectionsMax?: number;
  /** So long after Postgres has started, nobody who was not seen since is taken for dead. Default: 5,000. */
  readonly settlingMs?: number;
}

/**
 * Connects to a Postgres database. `wrong-config` says what to change in the address or the server; `storage-failed`
 * that nobody answers there.
 */
export async function openPostgresDatabase(
  url: string,
  options: PostgresOptions,
): Promise<Result<OpenedDatabase>> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    const message = 'The address of Postgres must look like postgres://user:password@host:5432/database.';
    return { ok: false, failure: failure('wrong-config', message) };
  }
  const pool = createPool(url, options.connectionsMax ?? connectionsDefault);
  try {
    const fault = await findFault(pool);
    if (fault === null) return ok(await joinDatabase(url, pool, options));
    await pool.end();
    return { ok: false, failure: fault };
  } catch (error) {
    await pool.end();
    return { ok: false, failure: tellUnreachable(error) };
  }
}

async function findFault(pool: Pool): Promise<Failure | null> {
  const { rows } = await pool.query<{ version: number; standby: boolean }>(
    "select current_setting('server_version_num')::int as version, pg_is_in_recovery() as standby",
  );
  const { version = 0, standby = false } = rows[0] ?? {};
  const major = Math.floor(version / 10_000);
  if (major < versionMin) {
    return failure('wrong-config', `This is Postgres ${major}; Inspan needs ${versionMin} or newer.`);
  }
  if (!standby) return null;
  return failure('wrong-config', 'This Postgres is a standby, which cannot be written to: name the primary.');
}

/** Class 28 and 3D000: who asks is not let in, or asks for a database that is not there. */
function tellUnreachable(error: unknown): Failure {
  const code = codeOf(error) ?? '';
  if (code.startsWith('28') || code === '3D000') {
    return failure('wrong-config', `Postgres refuses: ${reasonOf(error)}. Correct its address.`);
  }
  return failure('storage-failed', `Postgres does not answer: ${reasonOf(error)}. Is it running?`);
}

async function joinDatabase(
  url: string,
  pool: Pool,
  { clock, settlingMs = settlingDefaultMs }: PostgresOptions,
): Promise<OpenedDatabase> {
  const serverClock = await createServerClock(pool, clock);
  const closing = new AbortController();
  const options = { clock, signal: closing.signal };
  const read = new Kysely<Tables>({ dialect: createReadDialect(pool, options) });
  const schema = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: quietPool(pool) }) });
  const bell = createBell(clock);
  const session = createSession({ createClient: () => createSessionClient(url), clock, bell });
  const measuring = serverClock.keep(closing.signal);
  return {
    kind: 'postgres',
    call: null,
    read,
    schema,
    alone: (work) => holdAlone(schema, work),
    liveness: createLiveness(session, settlingMs),
    now: () => serverClock.now(),
    write: createWrite(schema, options),
    async lock(transaction, name) {
      await takeNameLock(name).execute(transaction);
    },
    async lockJob(transaction, id) {
      await transaction.selectFrom('jobs').select('id').where('id', '=', id).forUpdate().execute();
    },
    async announceWork(transaction) {
      await sql`select pg_notify(${workChannel}, '')`.execute(transaction);
    },
    waitForWork(ms, signal) {
      session.open();
      return bell.wait(ms, signal);
    },
    async ping() {
      await pool.query('select 1').catch((error) => Promise.reject(tellStorage(error, 'undone')));
    },
    // Autovacuum does it.
    shrink: async () => {},
    async close() {
      closing.abort();
      await session.close();
      await measuring;
      await schema.destroy();
    },
  };
}

/** On a connection of its own, so that the lock ends with the process, however that ends. */
async function holdAlone<T>(schema: Kysely<Tables>, work: () => Promise<T>): Promise<T> {
  return await schema.connection().execute(async (connection) => {
    await takeSessionLock('alone').execute(connection);
    try {
      return await work();
    } finally {
      await releaseSessionLock('alone').execute(connection);
    }
  });
}

interface Sight {
  readonly worker: string;
  readonly isHeld: boolean;
  /** When this server began. */
  readonly startedAt: string;
  readonly isSettled: boolean;
}

/**
 * A worker whose lock nobody holds is gone. A start of the server ends all sessions: whoever has not been seen since is
 * given time to come back.
 */
function createLiveness({ hold, letGo }: Session, settlingMs: number): Liveness {
  /** Worker → the start of the server after which its lock was seen. */
  let seen: ReadonlyMap<string, string> = new Map();
  return {
    hold,
    letGo,
    async gone(transaction, workers) {
      if (workers.length === 0) return [];
      const { rows } = await sql<Sight>`
        select worker, ${isHeld} as "isHeld", ${startedAt}::text as "startedAt",
          ${startedAt} < clock_timestamp() - ${`${settlingMs} ms`}::interval as "isSettled"
        from unnest(${[...workers]}::text[]) as worker`.execute(transaction);
      const isBack = (sight: Sight): boolean => sight.isHeld || seen.get(sight.worker) === sight.startedAt;
      const back = rows.filter(isBack);
      seen = new Map(back.map((sight) => [sight.worker, sight.startedAt]));
      return rows
        .filter((sight) => !sight.isHeld && (sight.isSettled || seen.has(sight.worker)))
        .map(({ worker }) => worker);
    },
  };
}
