import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Clock,
  estimateTokens,
  type Hot,
  InspanError,
  type Store,
  type Vacuumed,
} from './core/index.ts';
import { openDurableRun } from './durable-run.ts';
import { type House, prepare } from './house.ts';
import {
  createDesk,
  createTeamBook,
  type JobDesk,
  type KeepDays,
  type OpenRun,
  type Prepare,
  startRetention,
  startSchedules,
  startWorker,
  vacuum,
  type Worker,
} from './jobs/index.ts';
import type { AccessLine, RunningServer, ServerKeys, ServerLimits } from './server/index.ts';
import { isPostgres, openStore, unwrap } from './storage.ts';
import { createLocalHot, createMemoryHot, openRedisHot } from './store/index.ts';
import { estimateJob, type Team } from './team/index.ts';
import { accountOf } from './trace/index.ts';

/** What durable jobs are kept in, and who works on them. */
export interface ServiceOptions {
  /** The path of an SQLite file, or `postgres://user:password@host:5432/name`. */
  readonly database: string;
  /** `redis://host:6379`, for several processes: polls and streams are faster with it. Default: none. */
  readonly redis?: string;
  /** Teams that new jobs may ask for. */
  readonly teams: readonly Team[];
  /** What becomes of a job whose tools' code has changed: it goes on and says so (default), or it fails. */
  readonly changedTools?: 'finish' | 'fail';
  /** False: fails where the tables are not up to date, instead of changing them. Default: true. */
  readonly migrate?: boolean;
  /** How many days ended jobs are kept, by how they ended. Default: 30, failed ones 90. */
  readonly keepDays?: Partial<KeepDays>;
  /** True: webhooks may go to this machine and its private networks, too. Default: false. */
  readonly privateWebhooks?: boolean;
  /** Is told what an operator should see, in one line. Default: nobody is. */
  readonly report?: (line: string) => void;
}

/** How much a worker takes on. */
export interface WorkOptions {
  /** How many jobs run at once. Default: 32. */
  readonly concurrency?: number;
  /** How many jobs of one tenant run at once, over all workers. Default: no limit. */
  readonly tenantJobs?: number;
  /** Ceilings of single tenants, instead of `tenantJobs`. */
  readonly tenants?: Readonly<Record<string, number>>;
  /** How long it is believed to be alive without a sign, in ms. Default: 10,000. */
  readonly leaseMs?: number;
  /** How long running jobs may go on when it is drained, in ms. Default: 30,000. */
  readonly drainMsMax?: number;
}

/** Where the API listens, and to whom. */
export interface ServeOptions {
  /** Default: 127.0.0.1. Anywhere else it refuses to start before an API key was made. */
  readonly host?: string;
  /** 0: any that is free. Default: 7420. */
  readonly port?: number;
  /** Pages of these origins may call it from a browser. */
  readonly allowedOrigins?: readonly string[];
  /** True: `/metrics` asks for no key and counts the jobs of all tenants. Default: it takes a key of scope `admin`. */
  readonly hasOpenMetrics?: boolean;
  readonly limits?: Partial<ServerLimits>;
  /** Is told every answered request: facts, never bodies or keys. */
  readonly log?: (line: AccessLine) => void;
}

/** Durable jobs: accept them, run them, serve them. */
export interface Service {
  /** Everything that can be done with jobs. Its callers are trusted: check them before. */
  readonly desk: JobDesk;
  readonly keys: ServerKeys;
  readonly store: Store;
  /** Begins to run jobs in this process. */
  work(options?: WorkOptions): Worker;
  /** Begins to take jobs over HTTP. Rejects with `InspanError` where it may not, or the port is taken. */
  serve(options?: ServeOptions): Promise<RunningServer & { readonly isOpen: boolean }>;
  /** Removes what has been kept long enough. A running service does it every hour. */
  vacuum(options: { readonly dryRun: boolean }): Promise<Vacuumed>;
  /** Drains what works and serves here, and lets go of the store. */
  close(): Promise<void>;
}

/** A service, its store opened and everything it starts still to be closed. */
interface Opened {
  readonly house: House;
  readonly options: ServiceOptions;
  readonly store: Store;
}

/** Opens durable jobs. Rejects with `InspanError`: `store-in-use`, `wrong-config`, `storage-failed` … */
export async function openService(house: House, options: ServiceOptions): Promise<Service> {
  const store = unwrap(await openStore(house, options));
  try {
    // Times of jobs are the store's: whoever compares them with another clock's is wrong by what lies between the two.
    const clock: Clock = { now: store.now, sleep: house.clock.sleep };
    return await join({ house: { ...house, clock }, options, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function join({ house, options, store }: Opened): Promise<Service> {
  const { clock, newId } = house;
  const { redis, teams, changedTools = 'finish', keepDays = {} } = options;
  const { createKeys } = await import('./server/index.ts');
  const book = unwrap(createTeamBook({ teams, runs: store.runs, clock, changedTools }));
  await book.keepAll();
  const hot = await openHot(store, { redis, clock });
  const openRun: OpenRun = async (wanted) => await openDurableRun(house, book, wanted);
  const prepareJob = preparing(house);
  const desk = createDesk({
    store,
    hot,
    clock,
    newId,
    teams: book,
    prepare: prepareJob,
    openRun,
    accountOf,
    report: reporting(options),
  });
  const keys = createKeys({ store: store.keys, clock, randomBytes });
  const parts: Parts = { house, options, store, hot, desk, keys, openRun };
  const workers = new Set<Worker>();
  const servers = new Set<RunningServer>();
  const chores = createChores(parts);
  return {
    desk,
    keys,
    store,
    work(terms = {}) {
      chores.start();
      const worker = workerOf(parts, terms);
      workers.add(worker);
      return worker;
    },
    async serve(terms = {}) {
      chores.start();
      const server = await serverOf(parts, terms, () => (workers.size === 0 ? null : heldBy(workers)));
      servers.add(server);
      return { ...server, isOpen: !(await store.keys.any()) };
    },
    vacuum: async ({ dryRun }) => await vacuum({ runs: store.runs, clock, keepDays }, { dryRun }),
    async close() {
      for (const server of servers) server.drain();
      // Until running jobs are done or handed over, whoever polls or listens is answered.
      await Promise.all([...workers].map((each) => each.drain()));
      await Promise.all([...servers].map((each) => each.close()));
      await chores.close();
      await hot.close();
      await store.close();
    },
  };
}

/** A file has one process; a Postgres may have others, whose news are heard through Redis alone. */
async function openHot(
  { kind }: Store,
  { redis, clock }: { readonly redis: string | undefined; readonly clock: Clock },
): Promise<Hot> {
  if (redis !== undefined) return await openRedisHot(redis, { clock, prefix: 'inspan:' });
  return kind === 'sqlite' ? createMemoryHot(clock) : createLocalHot(clock);
}

/** What everything that a service starts is made of. */
interface Parts extends Opened {
  readonly hot: Hot;
  readonly desk: JobDesk;
  readonly keys: ServerKeys;
  readonly openRun: OpenRun;
}

function workerOf({ house, options, store, hot, openRun }: Parts, given: WorkOptions): Worker {
  const { concurrency = 32, tenantJobs, tenants = {}, ...terms } = given;
  return startWorker({
    store,
    hot,
    clock: house.clock,
    openRun,
    accountOf,
    random: Math.random,
    report: reporting(options),
    worker: {
      id: `worker_${newName().slice(0, 16)}`,
      concurrency,
      ceilings: { others: tenantJobs ?? null, tenants },
      ...terms,
    },
  });
}

async function serverOf(
  { house, options, store, hot, desk, keys }: Parts,
  { host = '127.0.0.1', port = 7420, log = () => {}, ...terms }: ServeOptions,
  runningJobs: () => number | null,
): Promise<RunningServer> {
  const { startServer } = await import('./server/index.ts');
  const started = await startServer({
    ...terms,
    host,
    port,
    storage: isPostgres(options.database) ? 'postgres' : 'file',
    desk,
    store,
    hot,
    clock: house.clock,
    keys,
    newId: newName,
    randomBytes,
    hasPrivateWebhooks: options.privateWebhooks ?? false,
    metrics: { runningJobs },
    report: reporting(options),
    log,
  });
  return unwrap(started);
}

function newName(): string {
  return randomUUID().replaceAll('-', '');
}

function reporting({ report = () => {} }: ServiceOptions): (line: string) => void {
  return report;
}

function heldBy(workers: ReadonlySet<Worker>): number {
  return [...workers].reduce((sum, worker) => sum + worker.held(), 0);
}

/** What any process of a service does beside its work; several at once never get in each other's way. */
interface Chores {
  start(): void;
  close(): Promise<void>;
}

function createChores({ house, options, store, desk }: Parts): Chores {
  const { clock } = house;
  const report = reporting(options);
  let begun: Promise<readonly { close(): Promise<void> }[]> | null = null;
  const begin = async () => {
    const { createPostMessage, startDeliveries } = await import('./server/index.ts');
    const post = createPostMessage({ allowPrivate: options.privateWebhooks ?? false });
    return [
      startSchedules({ desk, store, clock, report }),
      startRetention({ runs: store.runs, clock, keepDays: options.keepDays ?? {}, report }),
      startDeliveries({ store: store.webhooks, clock, post, random: Math.random, report }),
    ];
  };
  return {
    start() {
      begun ??= begin();
    },
    async close() {
      await Promise.all(((await begun) ?? []).map((each) => each.close()));
    },
  };
}

/** Checks a brief, and says what it would cost on the models that would answer. */
function preparing(house: House): Prepare {
  return async (team, brief, model) => {
    try {
      const prepared = await prepare(house, team, { job: 'accepting', brief, recorded: [], model });
      const { costOf, calibration, tokenCounter } = await house.models();
      const countTokens = team.budgetMicroUsd === null ? estimateTokens : await tokenCounter();
      const estimate = estimateJob({
        compiled: prepared.compiled,
        brief: prepared.brief.view,
        seeds: prepared.brief.seeds,
        countTokens,
        modelIdOf: (name) => prepared.models.models.get(name)?.id ?? name,
        costOf,
        tokenFactorOf: calibration.factorOf,
      });
      const { isSubstituted } = prepared.models;
      return { ok: true, brief: { ...prepared.brief, isSubstituted }, estimate };
    } catch (error) {
      if (!(error instanceof InspanError)) throw error;
      return { ok: false, failures: error.failures };
    }
  };
}
