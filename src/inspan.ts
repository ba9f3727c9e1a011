import { randomUUID } from 'node:crypto';
import type { ModelChoice, ModelSettings } from './choose-models.ts';
import { systemClock } from './clock.ts';
import {
  type Clock,
  type CountTokens,
  InspanError,
  type JournalStore,
  type Model,
  type Run,
  type StepRecord,
  type Workspace,
} from './core/index.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { type AcceptedBrief, acceptBrief, type Brief, type Job, startJob } from './jobs/index.ts';
import { createMemoryJournalStore, openJournal } from './store/index.ts';
import { type CompiledTeam, compileTeam, loadTeam, type Team, type TeamShape } from './team/index.ts';
import { accountOf, createEventLog } from './trace/index.ts';
import { createMemoryWorkspace } from './workspace/index.ts';

export type { ModelChoice, ModelSettings } from './choose-models.ts';
export type {
  AgentAccount,
  Clock,
  Failure,
  FailureCode,
  FailureSide,
  JobAccount,
  JobEvent,
  JournalStore,
  Json,
  JsonSchema,
  Model,
  ModelEvent,
  ModelRequest,
  NumberedEvent,
  Place,
  Reply,
  Result,
  StepRecord,
  Tool,
  ToolCall,
  Usage,
  Workspace,
  WrapModel,
} from './core/index.ts';
export { failureLine, InspanError } from './core/index.ts';
export { type Brief, type DoneJob, type EndedJob, type FileCut, type Job, JobFailed } from './jobs/index.ts';
export type { CustomProvider, Price } from './models/index.ts';
export { type Skill, skill } from './skills/index.ts';
export { defineTeam, type Team, type TeamShape } from './team/index.ts';
export { tool } from './tools/index.ts';
export { createMemoryWorkspace, openDiskWorkspace } from './workspace/index.ts';

/** How an Inspan is set up. Everything has a default; nothing here opens a port or spends money by itself. */
export interface InspanOptions extends ModelSettings {
  /** Where keys and `INSPAN_MODEL` are read, once. Default: the process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Names jobs. Default: random. */
  readonly newId?: () => string;
}

/** Where a job keeps what it does. Default: in memory. */
export interface StartOptions {
  /** An empty workspace, or the one of the job that the journal recorded. */
  readonly workspace?: Workspace;
  /** Records of an earlier start of the same job are replayed: nothing recorded is done again. */
  readonly journal?: JournalStore;
  /** Cancels the job when it fires. */
  readonly signal?: AbortSignal;
}

/** A harness: loads teams, runs jobs. Made once per process, used for thousands of jobs. */
export interface Inspan {
  /** Loads a team from its folder; rejects with `InspanError`, which lists every mistake in it. */
  loadTeam(directory: string): Promise<Team>;
  /** Accepts a brief and starts a job on it; rejects with `InspanError` when the brief or the setup is wrong. */
  start<Shape extends TeamShape>(
    team: Team<Shape>,
    brief: TypedBrief<Shape>,
    options?: StartOptions,
  ): Promise<Job<Shape>>;
  /** Checks a brief and says what a job would run on, without running it. */
  prepare<Shape extends TeamShape>(team: Team<Shape>, brief: TypedBrief<Shape>): Promise<PreparedJob>;
  /** Cancels what still runs and waits for it. */
  close(): Promise<void>;
}

/** A brief whose parameters have the types the team declares. `brief` is what a person asks for, in words. */
export type TypedBrief<Shape extends TeamShape = TeamShape> = {
  readonly brief?: string;
  readonly files?: Brief['files'];
} & (Record<never, never> extends Shape['params']
  ? { readonly params?: Shape['params'] }
  : { readonly params: Shape['params'] });

/** A brief of any team. */
type AnyBrief = Pick<Brief, 'files' | 'params'> & { readonly brief?: string };

/** A checked brief, the compiled team and the models that would answer. */
export interface PreparedJob {
  readonly compiled: CompiledTeam;
  readonly brief: AcceptedBrief;
  readonly models: ModelChoice;
  readonly countTokens: CountTokens;
}

/** Joins the parts. The only place that knows which driver is used. */
export function createInspan(options: InspanOptions = {}): Inspan {
  const house = openHouse(options);
  const running = new Set<Promise<unknown>>();
  const keepUntilEnded = (job: Promise<unknown>): void => {
    running.add(job);
    const forget = (): void => void running.delete(job);
    job.then(forget, forget);
  };
  return {
    async loadTeam(directory) {
      const { resolveModelName } = await import('./models/index.ts');
      const loaded = await loadTeam(directory, { resolveModelName });
      if (!loaded.ok) throw new InspanError(loaded.failures);
      return loaded.team;
    },
    prepare: (team, brief) => prepare(house, team, { brief: brief as AnyBrief, recorded: [] }),
    async start(team, brief, startOptions = {}) {
      const starting = start(house, team, { brief: brief as AnyBrief, ...startOptions });
      keepUntilEnded(starting.then((job) => job.outcome()));
      return await starting;
    },
    async close() {
      house.closing.abort();
      await Promise.allSettled(running);
    },
  };
}

/** What all jobs of an Inspan share. */
interface House {
  readonly options: InspanOptions;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Fires when the Inspan is closed. */
  readonly closing: AbortController;
  /** Compiles a team the first time it is asked for. */
  readonly compiledOf: (team: Team) => CompiledTeam;
  /** Loads the tokenizer the first time it is asked for. */
  readonly tokenCounter: () => Promise<CountTokens>;
}

function openHouse(options: InspanOptions): House {
  const compiledTeams = new WeakMap<Team, CompiledTeam>();
  let counter: Promise<CountTokens> | null = null;
  return {
    options,
    environment: readEnvironment(options.environment ?? process.env),
    clock: options.clock ?? systemClock,
    newId: options.newId ?? (() => `job_${randomUUID().replaceAll('-', '').slice(0, 16)}`),
    closing: new AbortController(),
    compiledOf(team) {
      const compiled = compiledTeams.get(team) ?? compileTeam(team);
      compiledTeams.set(team, compiled);
      return compiled;
    },
    tokenCounter() {
      counter ??= import('./models/index.ts').then(({ createTokenCounter }) => createTokenCounter());
      return counter;
    },
  };
}

interface ToPrepare {
  readonly brief: AnyBrief;
  readonly recorded: readonly StepRecord[];
}

async function prepare(house: House, team: Team, { brief, recorded }: ToPrepare): Promise<PreparedJob> {
  const { chooseModels } = await import('./choose-models.ts');
  const { options: settings, environment } = house;
  const countTokens = await house.tokenCounter();
  const { brief: text, files = {}, params = {} } = brief;
  const accepted = acceptBrief(team, { ...(text === undefined ? {} : { text }), files, params }, countTokens);
  if (!accepted.ok) throw new InspanError(accepted.failures);
  const models = await chooseModels(team, { settings, environment, countTokens, recorded });
  if (!models.ok) throw new InspanError([models.failure]);
  return { compiled: house.compiledOf(team), brief: accepted.brief, models: models.value, countTokens };
}

interface ToStart extends StartOptions {
  readonly brief: AnyBrief;
}

async function start<Shape extends TeamShape>(
  house: House,
  team: Team<Shape>,
  toStart: ToStart,
): Promise<Job<Shape>> {
  const {
    brief,
    workspace = createMemoryWorkspace(),
    journal = createMemoryJournalStore(),
    signal,
  } = toStart;
  const recorded = await journal.records();
  const prepared = await prepare(house, team, { brief, recorded });
  const { models, countTokens } = prepared;
  const cancelling = new AbortController();
  const signals = [house.closing.signal, cancelling.signal, ...(signal === undefined ? [] : [signal])];
  const log = createEventLog(house.clock);
  const run: Run = {
    id: house.newId(),
    signal: AbortSignal.any(signals),
    workspace,
    journal: await openJournal(journal),
    clock: house.clock,
    countTokens,
    caching: { prefixTokensMin: () => null, lifeOf: () => 'short' },
    model: modelLookup(models),
    costOf: models.costOf,
    emit: log.emit,
  };
  if (models.notice !== null) log.emit({ type: 'warning', message: models.notice });
  return startJob<Shape>({ ...prepared, run, recorded, log, accountOf, cancel: () => cancelling.abort() });
}

function modelLookup({ models }: ModelChoice): (name: string) => Model {
  return (name) => {
    const model = models.get(name);
    if (model === undefined) throw new Error(`No model was chosen for ${name}`);
    return model;
  };
}
