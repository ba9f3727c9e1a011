import {
  type Clock,
  type Hot,
  isEnded,
  type JobRecord,
  type JobState,
  type Model,
  type RunStore,
  type Store,
  type StoredEvent,
} from '../../src/core/index.ts';
import { openDurableRun } from '../../src/durable-run.ts';
import { openHouse, prepare } from '../../src/house.ts';
import type { Team } from '../../src/inspan.ts';
import {
  type Caller,
  createDesk,
  createTeamBook,
  type JobDesk,
  type JobRequest,
  type OpenRun,
  type Prepare,
  startWorker,
  type Worker,
  type WorkerTerms,
} from '../../src/jobs/index.ts';
import { createApp, createKeys, defaultLimits, type ServerApp } from '../../src/server/index.ts';
import { createMemoryHot } from '../../src/store/index.ts';
import { estimateJob } from '../../src/team/index.ts';
import { accountOf } from '../../src/trace/index.ts';
import { systemClock } from './clock.ts';
import { given } from './job-house.ts';
import { type Fate, mortal } from './worker.ts';

/** Several processes on one store, any of which may vanish: what `openService` joins, each with a fate. */
export interface JobWorld {
  readonly store: Store;
  readonly hot: Hot;
  /** Shows what the machine's shows, and what a test has put it forward by. */
  readonly clock: LeapClock;
  open(process: ProcessOptions): JobProcess;
  /** Waits until a job is in a state; `ended`: in any that is an end. */
  until(caller: Caller, id: string, state: JobState | 'ended'): Promise<JobRecord>;
  events(id: string): Promise<readonly StoredEvent[]>;
  /** Lets the lease of a worker run out and what it held be given back. */
  lose(worker: string): Promise<void>;
  close(): Promise<void>;
}

/** How a process is started. */
export interface ProcessOptions {
  readonly teams: readonly Team[];
  readonly model: Model;
  readonly changedTools?: 'finish' | 'fail';
  /** What is special about its way to the truth. */
  readonly runs?: (runs: RunStore, fate: Fate) => Partial<RunStore>;
}

/** A process: a desk, and workers if it is told so. */
export interface JobProcess {
  readonly desk: JobDesk;
  readonly fate: Fate;
  readonly app: ServerApp;
  work(terms: Partial<WorkerTerms> & { readonly id: string }): Worker;
  /** Accepts a job that must be acceptable. */
  accept(caller: Caller, request: JobRequest): Promise<JobRecord>;
  /** It does and hears nothing more. */
  kill(): void;
}

/** A clock that can be put forward. Sleeps are real. */
export interface LeapClock extends Clock {
  leap(ms: number): void;
}

/** Makes a clock that can be put forward. */
export function leapClock(): LeapClock {
  let aheadMs = 0;
  return {
    now: () => systemClock.now() + aheadMs,
    sleep: systemClock.sleep,
    leap(ms) {
      aheadMs += ms;
    },
  };
}

/** Every model call costs something, so that bills can be compared. */
export const prices = {
  'scripted/model': {
    inputMicroUsd: 1_000_000,
    cacheReadMicroUsd: 100_000,
    cacheWrite5mMicroUsd: 1_250_000,
    cacheWrite1hMicroUsd: 2_000_000,
    outputMicroUsd: 5_000_000,
    asOf: '2026-11-01',
    source: 'a test',
  },
};

/** Opens a world on an empty store. */
export async function openJobWorld(openStore: (clock: Clock) => Promise<Store>): Promise<JobWorld> {
  const clock = leapClock();
  const store = await openStore(clock);
  const hot = createMemoryHot(clock);
  const workers: Worker[] = [];
  const counter = { jobs: 0 };
  const find = async ({ tenant }: Caller, id: string): Promise<JobRecord> => {
    const record = await store.runs.find(tenant, id);
    if (record === null) throw new Error(`There is no job ${id}`);
    return record;
  };
  return {
    store,
    hot,
    clock,
    open: (options) => openProcess({ store, hot, clock, workers, counter }, options),
    events: (id) => store.runs.events(id, 0, 10_000),
    async until(caller, id, state) {
      for (let looks = 0; looks < 3_000; looks += 1) {
        const record = await find(caller, id);
        if (record.state === state || (state === 'ended' && isEnded(record.state))) return record;
        await systemClock.sleep(5, new AbortController().signal);
      }
      throw new Error(`Job ${id} never was ${state}: ${JSON.stringify(await find(caller, id))}`);
    },
    async lose(worker) {
      await store.runs.enrol({ id: worker, concurrency: 1, leaseMs: 0 });
      await store.runs.reclaim();
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await store.close();
    },
  };
}

interface Shared {
  readonly store: Store;
  readonly hot: Hot;
  readonly clock: Clock;
  /** Those that have to be closed. */
  readonly workers: Worker[];
  readonly counter: { jobs: number };
}

function openProcess(shared: Shared, options: ProcessOptions): JobProcess {
  const fate: Fate = { state: 'well' };
  const { runs: special = () => ({}), teams: list, model, changedTools = 'finish' } = options;
  const own: Store = {
    ...shared.store,
    runs: { ...shared.store.runs, ...special(shared.store.runs, fate) },
  };
  const [store, hot, clock] = [mortal(own, fate), mortal(shared.hot, fate), mortal(shared.clock, fate)];
  const house = openHouse({ environment: {}, model, prices, clock, attemptsMax: 1 });
  const teams = given(createTeamBook({ teams: list, runs: store.runs, clock, changedTools }));
  const openRun: OpenRun = (wanted) => openDurableRun(house, teams, wanted);
  const newId = (): string => {
    shared.counter.jobs += 1;
    return `job_${shared.counter.jobs}`;
  };
  const desk = createDesk({
    store,
    hot,
    clock,
    newId,
    teams,
    prepare: preparing(house),
    openRun,
    accountOf,
    report: () => {},
  });
  const workers: Worker[] = [];
  return {
    desk,
    fate,
    app: openApp({ ...shared, store, hot, clock }, desk),
    work(terms) {
      const worker = startWorker({
        store,
        hot,
        clock,
        openRun,
        accountOf,
        worker: { concurrency: 8, ...terms },
        random: () => 0,
        report: () => {},
      });
      workers.push(worker);
      shared.workers.push(worker);
      return worker;
    },
    async accept(caller, request) {
      const accepted = await desk.accept(caller, request);
      if (!accepted.ok) throw new Error(accepted.failures.map(({ message }) => message).join('\n'));
      return accepted.value.job;
    },
    kill() {
      fate.state = 'dead';
      // Nobody waits for the dead.
      for (const worker of workers) shared.workers.splice(shared.workers.indexOf(worker), 1);
    },
  };
}

function preparing(house: ReturnType<typeof openHouse>): Prepare {
  return async (team, brief, model) => {
    const {
      brief: accepted,
      models,
      compiled,
    } = await prepare(house, team, {
      job: 'accepting',
      brief,
      recorded: [],
      model,
    });
    const estimate = estimateJob({
      compiled,
      brief: accepted.view,
      seeds: accepted.seeds,
      countTokens: (text) => text.length,
      modelIdOf: (name) => models.models.get(name)?.id ?? name,
      costOf: () => 1,
      tokenFactorOf: () => 1,
    });
    return { ok: true, brief: accepted, estimate };
  };
}

function openApp({ store, hot, clock }: Pick<Shared, 'store' | 'hot' | 'clock'>, desk: JobDesk): ServerApp {
  const randomBytes = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));
  return createApp({
    desk,
    store,
    hot,
    clock,
    keys: createKeys({ store: store.keys, clock, randomBytes }),
    randomBytes,
    newId: () => crypto.randomUUID().replaceAll('-', ''),
    metrics: { runningJobs: () => 0 },
    options: {
      isOpen: true,
      storage: 'file',
      allowedOrigins: [],
      hasOpenMetrics: false,
      hasPrivateWebhooks: true,
      limits: defaultLimits,
    },
    report: () => {},
    log: () => {},
  });
}

/** What a stream tells of the work, sorted: without moves, and without what differs from run to run. */
export function workTold(events: readonly StoredEvent[]): readonly string[] {
  return events
    .flatMap((event) => {
      if (event.type === 'job-moved') return [];
      const about = 'key' in event ? event.key : 'path' in event ? event.path : '';
      return [`${event.type} ${about}`.trim()];
    })
    .toSorted();
}
