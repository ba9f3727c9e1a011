import { Client, type ClientConfig, Pool, types } from 'pg';

/** A connection that is not made in this time will hardly be made, in ms; waiting for a free one counts too. */
const connectMs = 10_000;
/** No statement of ours takes this long on a healthy server, in ms. */
const statementMs = 30_000;
/**
 * A transaction waits for nothing but its statements, so one that stands still this long, in ms, is that of a process
 * which is frozen. It is undone, so that nobody waits for its locks until the process thaws; that begins it again.
 */
const standstillMs = 2_000;
/** OIDs of `bigint` and `numeric` in the catalogue of every Postgres: what counts and sums give. */
const numberTypes: ReadonlySet<number> = new Set([20, 1700]);

/** Connections for statements and transactions, made when they are needed. */
export function createPool(url: string, connectionsMax: number): Pool {
  const pool = new Pool({
    ...settings(url, 'inspan'),
    max: connectionsMax,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: standstillMs,
  });
  // A connection that ends while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** A connection of its own, that stays: for what lasts as long as it does. */
export function createSessionClient(url: string): Client {
  return new Client({ ...settings(url, 'inspan session'), query_timeout: connectMs });
}

function settings(url: string, name: string): ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: connectMs,
    types: { getTypeParser: parserOf },
  };
}

/** Our numbers are times and counts, far below 2^53: they are read as numbers. Only for our connections. */
const parserOf: typeof types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  numberTypes.has(type) && format !== 'binary' ? Number : types.getTypeParser(type, format as 'text');
