import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findPrograms, startPostgres, startRedis, tellMissing } from '../../scripts/services/index.ts';

/** What jobs are kept in, by the name it is printed with. */
export type StoreName = 'SQLite' | 'Postgres and Redis' | 'Postgres alone';

/** A store that nobody has used yet. */
export interface FreshStore {
  readonly database: string;
  /** Empty: none. */
  readonly redis: string;
}

/** Where fresh stores come from. */
export interface Stores {
  /** Of those that are asked for, what this machine has the programs for. */
  available(names: readonly StoreName[]): readonly StoreName[];
  fresh(name: StoreName): Promise<FreshStore>;
  /** The path of a file that is not there yet. */
  freshFile(): string;
  close(): Promise<void>;
}

/** Opens a place for stores; servers are started when they are first needed, and wait for the disk at every commit. */
export async function openStores(): Promise<Stores> {
  const folder = await mkdtemp(join(tmpdir(), 'inspan-bench-'));
  let servers: ReturnType<typeof startServers> | null = null;
  let count = 0;
  const freshFile = (): string => join(folder, `${count++}.sqlite`);
  return {
    freshFile,
    available: (names) =>
      tellMissing(findPrograms()).length === 0 ? names : names.filter((name) => name === 'SQLite'),
    async fresh(name) {
      if (name === 'SQLite') return { database: freshFile(), redis: '' };
      servers ??= startServers();
      const { postgres, redis } = await servers;
      if (name === 'Postgres and Redis') await redis.flush();
      const database = await createDatabase(postgres.url, `bench_${count++}`);
      return { database, redis: name === 'Postgres and Redis' ? redis.url : '' };
    },
    async close() {
      const { postgres, redis } = (await servers) ?? {};
      await Promise.all([postgres?.stop(), redis?.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServers() {
  const [postgres, redis] = await Promise.all([startPostgres({ isDurable: true }), startRedis()]);
  return { postgres, redis };
}

async function createDatabase(server: string, name: string): Promise<string> {
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
