import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { CallStatement } from '../database.ts';

/** Prepared statements kept for one connection: far more texts than the store has, so lists of any length fit too. */
const statementsMax = 512;

/** How a connection is used. */
export interface SqliteUse {
  /** True where each statement stands alone: then none waits for another one. False where there are transactions. */
  readonly isShared: boolean;
}

/** Speaks to one connection of `node:sqlite`. Transactions take the right to write when they begin. */
export function createSqliteDialect(connection: DatabaseSync, { isShared }: SqliteUse): Dialect {
  return {
    createAdapter: () =>
      Object.defineProperties(new SqliteAdapter(), {
        // Kysely's own lock wakes everybody who waits each time it is free: the square of a thousand reads at once.
        supportsMultipleConnections: { value: isShared },
        // SQLite undoes a change of its tables as well as any other. Kysely does not trust it to.
        supportsTransactionalDdl: { value: true },
      }),
    createDriver: () => createDriver(connection),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver(connection: DatabaseSync): Driver {
  const only = createConnection(connection);
  const nothing = async (): Promise<void> => {};
  return {
    init: nothing,
    acquireConnection: async () => only,
    beginTransaction: async () => connection.exec('begin immediate'),
    commitTransaction: async () => connection.exec('commit'),
    // A full disk ends a transaction by itself: then there is nothing left to undo.
    rollbackTransaction: async () => {
      if (connection.isTransaction) connection.exec('rollback');
    },
    releaseConnection: nothing,
    destroy: async () => connection.close(),
  };
}

/** Makes the short way to a connection: one call, no query to build and nothing to wait for. */
export function createCall(connection: DatabaseSync): CallStatement {
  const prepare = createStatements(connection);
  return <Row>(text: string, values: readonly SQLInputValue[]) => {
    const { statement, hasRows } = prepare(text);
    if (hasRows) return { changes: 0, rows: statement.all(...values) as Row[] };
    return { changes: Number(statement.run(...values).changes), rows: [] };
  };
}

function createConnection(connection: DatabaseSync): DatabaseConnection {
  const prepare = createStatements(connection);
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { statement, hasRows } = prepare(sql);
      const values = parameters as readonly SQLInputValue[];
      if (hasRows) return { rows: statement.all(...values) as R[] };
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    },
    streamQuery: () => {
      throw new Error('The SQLite store reads in pages: it streams no queries.');
    },
  };
}

interface Prepared {
  readonly statement: StatementSync;
  readonly hasRows: boolean;
}

/** Keeps the statements that were used last. */
function createStatements(connection: DatabaseSync): (sql: string) => Prepared {
  const kept = new Map<string, Prepared>();
  return (sql) => {
    const known = kept.get(sql);
    if (known !== undefined) {
      kept.delete(sql);
      kept.set(sql, known);
      return known;
    }
    const statement = connection.prepare(sql);
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    kept.set(sql, prepared);
    const [oldest] = kept.keys();
    if (kept.size > statementsMax && oldest !== undefined) kept.delete(oldest);
    return prepared;
  };
}
