import { systemClock } from '../../src/clock.ts';
import {
  type BeforeSend,
  type Clock,
  estimateTokens,
  type Hot,
  isEnded,
  type JobRecord,
  type JobState,
  type Model,
  type NewJob,
  ok,
  type RunStore,
  type Store,
  type StoredEvent,
  type Tool,
} from '../../src/core/index.ts';
import { defineTeam, type Team } from '../../src/inspan.ts';
import {
  acceptBrief,
  type OpenRun,
  startWorker,
  type Worker,
  type WorkerTerms,
} from '../../src/jobs/index.ts';
import { storedBrief } from '../../src/jobs/testing.ts';
import { type Gate, gated } from '../../src/models/testing.ts';
import { createMemoryHot, openJournal } from '../../src/store/index.ts';
import { openScratchSqliteStore } from '../../src/store/testing.ts';
import { compileTeam } from '../../src/team/index.ts';
import { accountOf } from '../../src/trace/index.ts';
import { createMemoryWorkspace } from '../../src/workspace/index.ts';

/** One agent that writes `out.md`, with tools of its own. */
export function soloTeam(tools: readonly Tool[] = []): Team {
  const writer = { description: 'Writes.', prompt: 'Write it.', writes: 'out.md', tools: [...tools] };
  return defineTeam({ name: 'solo', agents: { writer }, result: { out: 'out.md' } });
}

/** What happens to a process, or to the storage under it. */
export interface Fate {
  /** `dead`: nothing is done or heard any more. `broken`: every call is refused. */
  state: 'well' | 'broken' | 'dead';
}

/** The same thing for a process that has a fate: what it asked for may be done, and it never hears of it. */
export function mortal<T extends object>(thing: T, fate: Fate): T {
  // A copy: what is frozen must show its own members.
  return new Proxy(
    { ...thing },
    {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member === 'object' && member !== null) return mortal(member, fate);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => {
          if (fate.state === 'dead' && name !== 'now') return new Promise(() => {});
          if (fate.state === 'broken') return Promise.reject(new Error('the storage is gone'));
          const result = Reflect.apply(member, target, given) as unknown;
          if (!(result instanceof Promise)) return result;
          return result.then((value) => (fate.state === 'dead' ? new Promise(() => {}) : value));
        };
      },
    },
  );
}

/** How a test starts a worker. */
export interface BenchWorker extends Partial<WorkerTerms> {
  readonly team?: Team;
  readonly model: Model;
  /** What its calls have to pass. */
  readonly gates?: readonly Gate[];
  /** Of the process. */
  readonly fate?: Fate;
  /** Of its store alone. */
  readonly storage?: Fate;
  /** What is special about its way to the truth. */
  readonly runs?: (runs: RunStore) => Partial<RunStore>;
}

/** A store and workers on it. */
export interface Bench {
  readonly store: Store;
  readonly hot: Hot;
  /** What workers told their operator. */
  readonly problems: readonly string[];
  accept(id: string, more?: Partial<NewJob>): Promise<void>;
  start(worker: BenchWorker): Worker;
  job(id: string): Promise<JobRecord>;
  events(id: string): Promise<readonly StoredEvent[]>;
  /** Waits until a job is in a state; `ended`: in any that is an end. */
  until(id: string, state: JobState | 'ended'): Promise<JobRecord>;
  close(): Promise<void>;
}

const tenant = 'acme';

/** Puts workers on an empty store, which is closed with them. */
export async function openBench(opening = openScratchSqliteStore(systemClock)): Promise<Bench> {
  const store = await opening;
  const hot = createMemoryHot(systemClock);
  const workers: Worker[] = [];
  const problems: string[] = [];
  const find = async (id: string): Promise<JobRecord> => {
    const record = await store.runs.find(tenant, id);
    if (record === null) throw new Error(`There is no job ${id}`);
    return record;
  };
  return {
    store,
    hot,
    problems,
    job: find,
    events: (id) => store.runs.events(id, 0, 10_000),
    async accept(id, more = {}) {
      await store.runs.accept({ ...newJob(id), ...more });
    },
    start(options) {
      const worker = startWorker({
        ...processParts(store, hot, options),
        accountOf,
        worker: { id: 'worker', concurrency: 4, ...options },
        random: () => 0,
        report: (problem) => void problems.push(problem),
      });
      if (options.fate === undefined) workers.push(worker);
      return worker;
    },
    async until(id, state) {
      for (let looks = 0; looks < 1_500; looks += 1) {
        const record = await find(id);
        if (record.state === state || (state === 'ended' && isEnded(record.state))) return record;
        await systemClock.sleep(10, new AbortController().signal);
      }
      throw new Error(`Job ${id} never was ${state}: ${JSON.stringify(await find(id))}`);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await store.close();
    },
  };
}

function newJob(id: string): NewJob {
  const team = soloTeam();
  const accepted = acceptBrief(team, { text: `Do ${id}.` }, estimateTokens);
  if (!accepted.ok) throw new Error('The brief is wrong');
  return {
    id,
    tenant,
    team: team.name,
    digest: team.digest,
    ...storedBrief(accepted.brief, team),
    priority: 0,
    notBeforeMs: null,
    deadlineAtMs: null,
    idempotency: null,
    estimate: null,
    patch: null,
    labels: {},
    by: 'test',
  };
}

function processParts(store: Store, hot: Hot, options: BenchWorker) {
  const { team = soloTeam(), model, gates = [], fate, storage, runs = () => ({}) } = options;
  const own = fate ?? { state: 'well' };
  const special: Store = { ...store, runs: { ...store.runs, ...runs(store.runs) } };
  const clock = mortal(systemClock, own);
  return {
    store: mortal(mortal(special, storage ?? { state: 'well' }), own),
    hot: mortal(hot, own),
    clock,
    openRun: openRunOn(team, (beforeSend) => gated(model, gates, beforeSend), clock),
  };
}

function openRunOn(team: Team, modelOf: (beforeSend: BeforeSend) => Model, clock: Clock): OpenRun {
  const compiled = compileTeam(team, {});
  return async ({ record, journal, inherited, signal, beforeSend, emit, tell, awaitSignal }) => {
    const model = modelOf(beforeSend);
    return ok({
      compiled,
      run: {
        id: record.id,
        signal,
        workspace: createMemoryWorkspace(),
        journal: await openJournal(journal, { inherited }),
        clock,
        countTokens: estimateTokens,
        caching: {
          prefixTokensMin: () => null,
          lifeOf: () => null,
          tokenFactor: () => 1,
          beginWith: () => ({ isFirst: true, before: null }),
        },
        model: () => model,
        costOf: () => 1,
        emit,
        tell,
        awaitSignal,
      },
      notices: [],
    });
  };
}
