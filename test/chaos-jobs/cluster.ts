import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type RedisService, type Service, startPostgres, startRedis } from '../../scripts/services/index.ts';
import { findFreePort } from '../../scripts/services/server.ts';
import {
  createLoose,
  type House,
  type Kill,
  leaseMs,
  makeKeys,
  type Outage,
  type Setting,
  workWords,
} from './house.ts';
import type { Process } from './processes.ts';
import type { Random } from './random.ts';

const workersCount = 3;
/** Few enough that each of them has something to lose. */
const workerJobsMax = 5;

/**
 * A Postgres that has just started has lost the sessions of all workers: so long, in ms, it may take until all are back
 * and have been seen. Whoever dies before that is found out by its lease.
 */
const settlingMs = 2_000;

function settlingSince(startedAtMs: number): Outage {
  return { fromMs: startedAtMs, toMs: startedAtMs + settlingMs };
}

/** A server that only takes jobs and three workers, on a Postgres and a Redis of their own; any of them may fail. */
export async function openCluster(house: House, random: Random): Promise<Setting> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const outages: Outage[] = [settlingSince(Date.now())];
  const keys = await makeKeys(postgres.url);
  const port = await findFreePort();
  const shared = [...workWords(postgres.url), '--redis', redis.url];
  const kills: Kill[] = [];
  const loose = createLoose();
  const concurrency = ['--concurrency', String(workerJobsMax)];
  const startWorker = () => house.start('worker', ['worker', ...shared, ...concurrency]);
  const startServer = () => house.start('serve', ['serve', ...shared, '--port', String(port), '--no-worker']);
  let server = startServer();
  let workers: readonly Process[] = Array.from({ length: workersCount }, startWorker);
  await Promise.all([server, ...workers].map(({ ready }) => ready));
  const awake = (): Process | undefined => random.shuffled(workers).find((each) => !each.isFrozen());

  const killWorker = async (): Promise<void> => {
    const struck = awake();
    if (struck === undefined) return;
    kills.push({ process: struck.name, atMs: Date.now() });
    await struck.kill();
    workers = [...workers.filter((each) => each !== struck), startWorker()];
  };
  const freezeWorker = async (): Promise<void> => {
    const struck = awake();
    if (struck !== undefined) loose.begin(struck.freeze(leaseMs + random.between(500, 2_000)));
  };
  const killServer = async (): Promise<void> => {
    await server.kill();
    server = startServer();
  };
  const sampler = createSampler(postgres.url);
  return {
    url: `http://127.0.0.1:${port}`,
    keys,
    kills,
    outages,
    mishaps: [
      ['kill a worker', killWorker],
      ['freeze a worker', freezeWorker],
      ['kill a worker', killWorker],
      ['kill the server', killServer],
      ['kill a worker', killWorker],
      ['freeze a worker', freezeWorker],
      ['kill a worker', killWorker],
      ['kill a worker', killWorker],
      ...troubleRedis(redis, random),
      troublePostgres(postgres, outages, random),
    ],
    running: sampler.running,
    async calmDown() {
      await loose.ended();
      await Promise.all([server, ...workers].map((each) => each.ready));
      await Promise.all([server, ...workers].map((each) => each.drain()));
    },
    async close() {
      await loose.ended();
      await sampler.close();
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}

type Mishap = Setting['mishaps'][number];

/** Everything in Redis may vanish at any time. */
function troubleRedis(redis: RedisService, random: Random): readonly Mishap[] {
  return [
    ['empty Redis', redis.flush],
    ['restart Redis', redis.restart],
    ['crash Redis', () => crash(redis, random.between(0, 1_500))],
  ];
}

/** Once in good order and once not, in turns. */
function troublePostgres(postgres: Service, outages: Outage[], random: Random): Mishap {
  let times = random.between(0, 1);
  const befall = async (): Promise<void> => {
    const fromMs = Date.now();
    times += 1;
    await (times % 2 === 0 ? postgres.restart() : crash(postgres, random.between(0, 500)));
    outages.push({ ...settlingSince(Date.now()), fromMs });
  };
  return ['restart or crash Postgres', befall];
}

async function crash(service: Service, awayMs: number): Promise<void> {
  await service.kill();
  await sleep(awayMs);
  await service.restart();
}

/** Counts what runs by the truth itself. */
function createSampler(url: string) {
  let client: Client | null = null;
  const connected = async (): Promise<Client> => {
    if (client !== null) return client;
    const fresh = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    fresh.on('error', () => {
      client = null;
    });
    await fresh.connect();
    client = fresh;
    return fresh;
  };
  return {
    async running(): Promise<Readonly<Record<string, number>> | null> {
      try {
        const { rows } = await (await connected()).query<{ tenant: string; count: number }>(
          `select tenant, count(*)::int as count from jobs where state = 'running' group by tenant`,
        );
        return Object.fromEntries(rows.map(({ tenant, count }) => [tenant, count]));
      } catch {
        client = null;
        return null;
      }
    },
    close: async () => await client?.end().catch(() => {}),
  };
}
