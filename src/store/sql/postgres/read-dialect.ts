import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Pool } from 'pg';
import { isLost, tellStorage } from './postgres-error.ts';
import { type RetryOptions, retried } from './retry.ts';

/** Reads through whichever connection is free; what a lost one did not answer is asked again. */
export function createReadDialect(pool: Pool, options: Pick<RetryOptions, 'clock' | 'signal'>): Dialect {
  const connection = createConnection(pool, options);
  const refuse = async (): Promise<never> => {
    throw new Error('Reading begins no transactions: use `write`.');
  };
  const nothing = async (): Promise<void> => {};
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => ({
      init: nothing,
      acquireConnection: async () => connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: nothing,
      destroy: nothing,
    }),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

function createConnection(pool: Pool, options: Pick<RetryOptions, 'clock' | 'signal'>): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const ask = async (): Promise<QueryResult<R>> => {
        const { rows } = await pool.query(sql, [...parameters]);
        return { rows };
      };
      try {
        return await retried(ask, { ...options, mayRetry: isLost });
      } catch (error) {
        throw tellStorage(error, 'undone');
      }
    },
    streamQuery: () => {
      throw new Error('The Postgres store reads in pages: it streams no queries.');
    },
  };
}
