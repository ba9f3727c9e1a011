import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient, QueryResult } from 'pg';

/**
 * A pool that asks with callbacks. Asked for a promise, `pg` writes a function straight into a property of its query.
 * V8 makes such functions among old objects, where each keeps alive whatever it can reach, the whole request that asked,
 * until old objects are collected. That came to 25 kB for each accepted job, and a collection of 30 ms every few seconds.
 */
export function quietPool(pool: Pool): PostgresPool {
  const known = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const quiet = known.get(client) ?? quietClient(client);
      known.set(client, quiet);
      return quiet;
    },
  };
}

function quietClient(client: PoolClient): PostgresPoolClient {
  // Nothing is streamed, so nobody asks it with a cursor.
  const query: unknown = (text: string, values: readonly unknown[]): Promise<QueryResult> =>
    new Promise((resolve, reject) => {
      client.query(text, [...values], (error, result) => (error ? reject(error) : resolve(result)));
    });
  return {
    query: query as PostgresPoolClient['query'],
    // The pool gives another function each time that the client is taken.
    release: (destroy) => client.release(destroy),
  };
}
