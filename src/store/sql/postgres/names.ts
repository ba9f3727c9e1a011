import { sql } from 'kysely';

/** Where it is told that a job may have been put in line. */
export const workChannel = 'inspan_work';

/** First halves of our advisory locks' keys, so that others' locks in the same database mean nothing to us: `insp`. */
const workerLocks = 0x69_6e_73_70;
const nameLocks = workerLocks + 1;

/** The key of a worker's lock; `worker` is an expression that gives its id. */
export function workerKey(worker: string): string {
  return `${workerLocks}, hashtext(${worker})`;
}

/** Waits for a name's lock and holds it until the transaction ends. */
export function takeNameLock(name: string): ReturnType<typeof sql> {
  return sql`select pg_advisory_xact_lock(${sql.lit(nameLocks)}, hashtext(${name}))`;
}

/** Waits for a name's lock and holds it as long as the connection. Released by `releaseSessionLock`. */
export function takeSessionLock(name: string): ReturnType<typeof sql> {
  return sql`select pg_advisory_lock(${sql.lit(nameLocks)}, hashtext(${name}))`;
}

/** Ends what `takeSessionLock` began on the same connection. */
export function releaseSessionLock(name: string): ReturnType<typeof sql> {
  return sql`select pg_advisory_unlock(${sql.lit(nameLocks)}, hashtext(${name}))`;
}

/** Says whether some session holds the lock of the worker that the column `worker` names. */
export const isHeld = sql<boolean>`exists (
  select 1 from pg_locks
  where locktype = 'advisory' and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database())
    and classid = ${sql.lit(workerLocks)}
    and objid::bigint = hashtext(worker)::bigint & 4294967295
)`;

/** When the server began to accept sessions: also after the crash of a part, which ends all sessions too. */
export const startedAt = sql<Date>`greatest(
  pg_postmaster_start_time(),
  (select max(backend_start) from pg_stat_activity where backend_type = 'checkpointer')
)`;
