import { randomUUID } from 'node:crypto';
import type { ModelChoice } from './choose-models.ts';
import { systemClock } from './clock.ts';
import { type Calibration, createPrefixMemory, type PrefixMemory } from './context/index.ts';
import {
  type Clock,
  estimateTokens,
  InspanError,
  type JobEvent,
  type JournalStore,
  type Model,
  type Run,
  type StepRecord,
  totalInputTokens,
  type Usage,
  type Workspace,
} from './core/index.ts';
import {
  type AcceptedBrief,
  acceptBrief,
  type Brief,
  type Job,
  needsCounting,
  startJob,
} from './jobs/index.ts';
import type { ModelHouse, ModelHouseParts, ModelSettings } from './model-house.ts';
import { createMemoryJournalStore, openJournal } from './store/index.ts';
import { type CompiledTeam, compileTeam, loadTeam, type Team, type TeamShape } from './team/index.ts';
import { accountOf, createEventLog } from './trace/index.ts';
import { createMemoryWorkspace } from './workspace/index.ts';

export type { ModelChoice } from './choose-models.ts';
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
  Message,
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
  ToolDefinition,
  Usage,
  Workspace,
  WrapModel,
} from './core/index.ts';
export { failureLine, InspanError } from './core/index.ts';
export { type Brief, type DoneJob, type EndedJob, type FileCut, type Job, JobFailed } from './jobs/index.ts';
export type { ModelSettings } from './model-house.ts';
export type { CustomProvider, Price, TransportOptions } from './models/index.ts';
export { type Skill, skill } from './skills/index.ts';
export { defineTeam, type Team, type TeamShape } from './team/index.ts';
export { tool } from './tools/index.ts';
export { createMemoryWorkspace, openDiskWorkspace } from './workspace/index.ts';

/** How an Inspan is set up. Everything has a default; nothing here opens a port or spends money by itself. */
export interface InspanOptions extends ModelSettings {
  /** Where keys, addresses and `INSPAN_MODEL` are read, once. Default: the process's environment. */
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

/** On what terms a model is opened. */
export interface OpenModelOptions {
  /** The most that all its calls together may cost, in US dollars: none begins that could cost more. Default: no limit. */
  readonly budgetUsd?: number;
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
  /**
   * Opens a model for calls outside of a team: with the retries, admission and timing that jobs have.
   * Rejects with `InspanError` where it is not known or has no key.
   */
  openModel(id: string, options?: OpenModelOptions): Promise<Model>;
  /** Says what a call cost, in integer micro-USD; `unknown` where no price is known for the model id. */
  costOf(modelId: string, usage: Usage): Promise<number | 'unknown'>;
  /** Cancels what still runs and waits for it; then closes all connections. */
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
    prepare: (team, brief) =>
      prepare(house, team, { job: 'prepared', brief: brief as AnyBrief, recorded: [] }),
    async start(team, brief, startOptions = {}) {
      const starting = start(house, team, { brief: brief as AnyBrief, ...startOptions });
      keepUntilEnded(starting.then((job) => job.outcome()));
      return await starting;
    },
    async openModel(id, { budgetUsd } = {}) {
      const models = await house.models();
      const opened = models.open(id);
      if (!opened.ok) throw new InspanError([opened.failure]);
      const { createBudget } = await import('./models/index.ts');
      const budget = budgetUsd === undefined ? null : createBudget(Math.floor(budgetUsd * 1_000_000));
      return models.wrap(opened.value, { job: house.newId(), budget, hasFallback: false });
    },
    async costOf(modelId, usage) {
      const { costOf } = await house.models();
      return costOf(modelId, usage);
    },
    async close() {
      house.closing.abort();
      await Promise.allSettled(running);
      await house.close();
    },
  };
}

/** What all jobs of an Inspan share. */
interface House {
  readonly options: InspanOptions;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Fires when the Inspan is closed. */
  readonly closing: AbortController;
  /** Compiles a team the first time it is asked for. */
  readonly compiledOf: (team: Team) => CompiledTeam;
  /** What agents' requests began with in earlier jobs. */
  readonly prefixes: PrefixMemory;
  /** What jobs share of models. Loads it, and the tokenizer, the first time it is asked for. */
  readonly models: () => Promise<ModelHouse>;
  close(): Promise<void>;
}

function openHouse(options: InspanOptions): House {
  const compiledTeams = new WeakMap<Team, CompiledTeam>();
  let models: Promise<ModelHouse> | null = null;
  // Read once: what a tool changes in the environment later changes no job.
  const variables = Object.freeze({ ...(options.environment ?? process.env) });
  const clock = options.clock ?? systemClock;
  return {
    options,
    clock,
    prefixes: createPrefixMemory(clock),
    newId: options.newId ?? (() => `job_${randomUUID().replaceAll('-', '').slice(0, 16)}`),
    closing: new AbortController(),
    compiledOf(team) {
      const compiled = compiledTeams.get(team) ?? compileTeam(team, variables);
      compiledTeams.set(team, compiled);
      return compiled;
    },
    models() {
      models ??= loadModelHouse(variables, { settings: options, clock });
      return models;
    },
    async close() {
      // A house that could not be opened has nothing to close, and whoever asked for it has heard why.
      const opened = await models?.catch(() => null);
      opened?.close();
    },
  };
}

/** Rejects with `InspanError` where a variable of the environment has a wrong value. */
async function loadModelHouse(
  variables: Readonly<Record<string, string | undefined>>,
  parts: Pick<ModelHouseParts, 'settings' | 'clock'>,
): Promise<ModelHouse> {
  const [{ readEnvironment }, { openModelHouse }, { createTokenCounter }] = await Promise.all([
    import('./environment.ts'),
    import('./model-house.ts'),
    import('./models/index.ts'),
  ]);
  const environment = readEnvironment(variables);
  return openModelHouse({ ...parts, environment, loadCounter: createTokenCounter, random: Math.random });
}

interface ToPrepare {
  readonly job: string;
  readonly brief: AnyBrief;
  readonly recorded: readonly StepRecord[];
}

async function prepare(house: House, team: Team, { job, brief, recorded }: ToPrepare): Promise<PreparedJob> {
  const { chooseModels } = await import('./choose-models.ts');
  const modelHouse = await house.models();
  const { brief: text, files = {}, params = {} } = brief;
  const asked: Brief = { ...(text === undefined ? {} : { text }), files, params };
  const isExact = team.budgetMicroUsd !== null || needsCounting(team, asked);
  const countTokens = isExact ? await modelHouse.tokenCounter() : estimateTokens;
  const accepted = acceptBrief(team, asked, countTokens);
  if (!accepted.ok) throw new InspanError(accepted.failures);
  const models = await chooseModels(team, { house: modelHouse, job, recorded });
  if (!models.ok) throw new InspanError([models.failure]);
  return { compiled: house.compiledOf(team), brief: accepted.brief, models: models.value };
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
  const id = house.newId();
  const recorded = await journal.records();
  const prepared = await prepare(house, team, { job: id, brief, recorded });
  const { models } = prepared;
  const [{ warmth, calibration, costOf }, { createCachePolicy }] = await Promise.all([
    house.models(),
    import('./models/index.ts'),
  ]);
  const cancelling = new AbortController();
  const signals = [house.closing.signal, cancelling.signal, ...(signal === undefined ? [] : [signal])];
  const log = createEventLog(house.clock);
  const run: Run = {
    id,
    signal: AbortSignal.any(signals),
    workspace,
    journal: await openJournal(journal),
    clock: house.clock,
    // Not the tokenizer: lanes correct their figures by what providers report, and the first request need not wait for it.
    countTokens: estimateTokens,
    caching: createCachePolicy({
      warmth,
      tokenFactor: calibration.factorOf,
      beginWith: house.prefixes.of(team.name),
    }),
    model: modelLookup(models),
    costOf,
    emit(event) {
      learnFrom(event, calibration);
      log.emit(event);
    },
  };
  if (models.notice !== null) log.emit({ type: 'warning', message: models.notice });
  return startJob<Shape>({ ...prepared, run, recorded, log, accountOf, cancel: () => cancelling.abort() });
}

/** An agent's first request is the one whose tokens were all counted here before the provider reported them. */
function learnFrom(event: JobEvent, { learn }: Calibration): void {
  if (event.type !== 'model-called' || event.replayed || event.context === undefined) return;
  if (!event.key.endsWith('/turn-1')) return;
  learn(event.model, { counted: event.contextTokens, reported: totalInputTokens(event.usage) });
}

function modelLookup({ models }: ModelChoice): (name: string) => Model {
  return (name) => {
    const model = models.get(name);
    if (model === undefined) throw new Error(`No model was chosen for ${name}`);
    return model;
  };
}
