import {
  type Clock,
  estimateTokens,
  type Hot,
  InspanError,
  type JobRecord,
  type Result,
  type Run,
  type Store,
} from '../../src/core/index.ts';
import {
  acceptBrief,
  type Caller,
  createDesk,
  createTeamBook,
  type JobDesk,
  type OpenRun,
  type Prepare,
  type TeamBook,
} from '../../src/jobs/index.ts';
import { createMemoryHot, openJournal } from '../../src/store/index.ts';
import { openScratchSqliteStore } from '../../src/store/testing.ts';
import { compileTeam, estimateJob, type Team } from '../../src/team/index.ts';
import { type ManualClock, manualClock, type ScriptedModel } from '../../src/testing.ts';
import { accountOf } from '../../src/trace/index.ts';
import { createMemoryWorkspace } from '../../src/workspace/index.ts';

/** A desk on a real store, with scripted models and a clock that is moved by hand. */
export interface JobHouse {
  readonly desk: JobDesk;
  readonly store: Store;
  readonly hot: Hot;
  readonly clock: ManualClock;
  readonly teams: TeamBook;
  readonly openRun: OpenRun;
  /** Another process on the same store, that knows other teams or models. */
  reopen(options: HouseOptions): JobHouse;
  close(): Promise<void>;
}

/** What a house is opened with. */
export interface HouseOptions {
  readonly teams: readonly Team[];
  readonly model?: ScriptedModel;
  readonly changedTools?: 'finish' | 'fail';
}

/** Who asks, where it does not matter. */
export const ann: Caller = Object.freeze({ tenant: 'ann', by: 'key-ann' });

/** When time begins: 2026-11-21, noon. */
const startMs = Date.parse('2026-11-21T12:00:00Z');

/** Opens a house on a store of its own. */
export async function openJobHouse(options: HouseOptions): Promise<JobHouse> {
  const clock = manualClock(startMs);
  const store = await openScratchSqliteStore(clock);
  return join({ store, clock, hot: createMemoryHot(clock), counter: { count: 0 } }, options);
}

interface Shared {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly hot: Hot;
  readonly counter: { count: number };
}

function join(shared: Shared, { teams: list, model, changedTools = 'finish' }: HouseOptions): JobHouse {
  const { store, clock, hot, counter } = shared;
  const newId = (): string => {
    counter.count += 1;
    return `job_${counter.count}`;
  };
  const teams = given(createTeamBook({ teams: list, runs: store.runs, clock, changedTools }));
  const openRun = runOpener({ teams, clock, model });
  return {
    store,
    hot,
    clock,
    teams,
    openRun,
    desk: createDesk({ store, hot, clock, newId, teams, prepare, openRun, accountOf, report }),
    reopen: (other) => join(shared, other),
    close: () => store.close(),
  };
}

/** Nothing that nobody waits for may go wrong. */
function report(problem: string): never {
  throw new Error(problem);
}

const prepare: Prepare = async (team, brief, model) => {
  const accepted = acceptBrief(team, brief, estimateTokens);
  if (!accepted.ok) return accepted;
  const estimate = estimateJob({
    compiled: compileTeam(team),
    brief: accepted.brief.view,
    seeds: accepted.brief.seeds,
    countTokens: estimateTokens,
    modelIdOf: (name) => model ?? name,
    costOf: () => 1,
    tokenFactorOf: () => 1,
  });
  return { ok: true, brief: accepted.brief, estimate };
};

interface OpenerParts {
  readonly teams: TeamBook;
  readonly clock: Clock;
  readonly model: ScriptedModel | undefined;
}

function runOpener({ teams, clock, model }: OpenerParts): OpenRun {
  return async ({ record, journal, inherited, signal, mayAsk, emit, tell, awaitSignal }) => {
    const pinned = await teams.teamOf(record);
    if (!pinned.ok) return pinned;
    const run: Run = {
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
      model(name) {
        if (model === undefined) throw new Error(`Nobody answers for ${name} here`);
        if (!mayAsk) return { ...model, stream: () => askedInReplay(name) };
        return model;
      },
      costOf: () => 1,
      emit,
      tell,
      awaitSignal,
    };
    return {
      ok: true,
      value: { compiled: compileTeam(pinned.value.team), run, notices: pinned.value.notices },
    };
  };
}

function askedInReplay(name: string): never {
  throw new Error(`A replay asked ${name}`);
}

/** The value of a result that a test needs. */
export function given<T>(result: Result<T>): T {
  if (!result.ok) throw new InspanError([result.failure]);
  return result.value;
}

/** Accepts a job that must be acceptable. */
export async function acceptedJob(
  desk: JobDesk,
  request: Parameters<JobDesk['accept']>[1],
  caller: Caller = ann,
): Promise<JobRecord> {
  const accepted = await desk.accept(caller, request);
  if (!accepted.ok) throw new InspanError(accepted.failures);
  return accepted.value.job;
}
