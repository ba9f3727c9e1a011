import {
  type Clock,
  estimateTokens,
  InspanError,
  type JournalStore,
  type Model,
  type Run,
  type Usage,
  type Workspace,
} from './core/index.ts';
import { type House, learnFrom, modelLookup, openHouse, type PreparedJob, prepare } from './house.ts';
import { type Brief, createDeltaFeed, createSignalBox, type Job, startJob } from './jobs/index.ts';
import type { ModelSettings } from './model-house.ts';
import type { Service, ServiceOptions } from './service.ts';
import type { BackupOptions, MigrateOptions, RestoreOptions } from './storage.ts';
import { createMemoryJournalStore, openJournal } from './store/index.ts';
import { loadTeam, type Team, type TeamShape } from './team/index.ts';
import { accountOf, createEventLog } from './trace/index.ts';
import { createMemoryWorkspace } from './workspace/index.ts';

export type { ModelChoice } from './choose-models.ts';
export type {
  AgentAccount,
  BeforeSend,
  Clock,
  Failure,
  FailureCode,
  FailureSide,
  JobAccount,
  JobDelta,
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
  Wait,
  WaitEnd,
  WaitOptions,
  Workspace,
  WrapModel,
} from './core/index.ts';
export { failureLine, InspanError } from './core/index.ts';
export type { PreparedJob } from './house.ts';
export { type Brief, type DoneJob, type EndedJob, type FileCut, type Job, JobFailed } from './jobs/index.ts';
export type { ModelSettings } from './model-house.ts';
export type { CustomProvider, Price, TransportOptions } from './models/index.ts';
export type { ServeOptions, Service, ServiceOptions, WorkOptions } from './service.ts';
export { type Skill, skill } from './skills/index.ts';
export type { BackupOptions, MigrateOptions, RestoreOptions } from './storage.ts';
export { defineTeam, type Team, type TeamShape } from './team/index.ts';
export { tool } from './tools/index.ts';
export { createMemoryWorkspace, openDiskWorkspace } from './workspace/index.ts';

/** How an Inspan is set up. Everything has a default; nothing here opens a port or spends money by itself. */
export interface InspanOptions extends ModelSettings {
  /** Where keys, addresses and `INSPAN_MODEL` are read, once. Default: the process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Names jobs. Default: by their time, and at random. */
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
  /** Opens jobs that survive: accepted for good, run by workers, served over HTTP. Close it before the Inspan. */
  openService(options: ServiceOptions): Promise<Service>;
  /** Brings the tables of a database up to date and gives the names of the changes made. */
  migrate(options: MigrateOptions): Promise<readonly string[]>;
  /** Keeps a whole copy of a database file, also while it is in use. */
  backup(options: BackupOptions): Promise<void>;
  /** Makes a copy the store in a database file that nobody uses. */
  restore(options: RestoreOptions): Promise<void>;
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
      prepare(house, team, { job: 'prepared', brief: briefOf(brief as AnyBrief), recorded: [] }),
    async start(team, brief, startOptions = {}) {
      const starting = start(house, team, { brief: briefOf(brief as AnyBrief), ...startOptions });
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
    // Databases and servers are much to load for whoever only runs a job.
    openService: async (options) => await (await import('./service.ts')).openService(house, options),
    migrate: async (options) => await (await import('./storage.ts')).migrateStore(house, options),
    backup: async (options) => await (await import('./storage.ts')).backupStore(options),
    restore: async (options) => await (await import('./storage.ts')).restoreStore(house, options),
    async close() {
      house.closing.abort();
      await Promise.allSettled(running);
      await house.close();
    },
  };
}

/** What a person asks for is `brief` to whoever calls, and the text of the brief in here. */
function briefOf({ brief: text, files = {}, params = {} }: AnyBrief): Brief {
  return { ...(text === undefined ? {} : { text }), files, params };
}

interface ToStart extends StartOptions {
  readonly brief: Brief;
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
  const box = createSignalBox(house.clock);
  const feed = createDeltaFeed();
  const run: Run = {
    id,
    signal: AbortSignal.any(signals),
    workspace,
    journal: await openJournal(journal, { recorded }),
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
    tell: feed.tell,
    awaitSignal: box.awaitSignal,
  };
  if (models.notice !== null) log.emit({ type: 'warning', message: models.notice });
  const cancel = (): void => cancelling.abort();
  return startJob<Shape>({ ...prepared, run, recorded, log, box, feed, accountOf, cancel });
}
