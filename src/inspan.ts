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
import { readEnvironment } from './environment.ts';
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
export interface TypedBrief<Shape extends TeamShape = TeamShape> {
  readonly brief?: string;
  readonly files?: Brief['files'];
  readonly params?: Partial<Shape['params']>;
}

/** A checked brief, the compiled team and the models that would answer. */
export interface PreparedJob {
  readonly compiled: CompiledTeam;
  readonly brief: AcceptedBrief;
  readonly models: ModelChoice;
  readonly countTokens: CountTokens;
}

/** Joins the parts. The only place that knows which driver is used. */
export function createInspan(options: InspanOptions = {}): Inspan {
  const environment = readEnvironment(options.environment ?? process.env);
  const clock = options.clock ?? systemClock;
  const newId = options.newId ?? (() => `job_${randomUUID().replaceAll('-', '').slice(0, 16)}`);
  const compiledTeams = new WeakMap<Team, CompiledTeam>();
  const running = new Set<Job>();
  const closing = new AbortController();
  let counter: Promise<CountTokens> | null = null;

  const compiledOf = (team: Team): CompiledTeam => {
    const compiled = compiledTeams.get(team) ?? compileTeam(team);
    compiledTeams.set(team, compiled);
    return compiled;
  };

  async function prepare(
    team: Team,
    given: TypedBrief,
    recorded: readonly StepRecord[],
  ): Promise<PreparedJob> {
    const { chooseModels } = await import('./choose-models.ts');
    counter ??= import('./models/index.ts').then(({ createTokenCounter }) => createTokenCounter());
    const countTokens = await counter;
    const { brief: text, files, params } = given;
    const accepted = acceptBrief(team, definedOnly({ text, files, params }), countTokens);
    if (!accepted.ok) throw new InspanError(accepted.failures);
    const models = await chooseModels(team, { settings: options, environment, countTokens, recorded });
    if (!models.ok) throw new InspanError([models.failure]);
    return { compiled: compiledOf(team), brief: accepted.brief, models: models.value, countTokens };
  }

  return {
    async loadTeam(directory) {
      const { resolveModelName } = await import('./models/index.ts');
      const loaded = await loadTeam(directory, { resolveModelName });
      if (!loaded.ok) throw new InspanError(loaded.failures);
      return loaded.team;
    },
    prepare: (team, brief) => prepare(team as Team, brief, []),
    async start(
      team,
      brief,
      { workspace = createMemoryWorkspace(), journal = createMemoryJournalStore(), signal } = {},
    ) {
      const recorded = await journal.records();
      const prepared = await prepare(team as Team, brief, recorded);
      const cancelling = new AbortController();
      const signals = [closing.signal, cancelling.signal, ...(signal === undefined ? [] : [signal])];
      const log = createEventLog(clock);
      const { models, countTokens } = prepared;
      const run: Run = {
        id: newId(),
        signal: AbortSignal.any(signals),
        workspace,
        journal: await openJournal(journal),
        clock,
        countTokens,
        model: modelLookup(models),
        costOf: models.costOf,
        emit: log.emit,
      };
      if (models.notice !== null) log.emit({ type: 'warning', message: models.notice });
      const job = startJob({ ...prepared, run, recorded, log, accountOf, cancel: () => cancelling.abort() });
      running.add(job);
      const forget = (): void => void running.delete(job);
      job.outcome().then(forget, forget);
      return job as never;
    },
    async close() {
      closing.abort();
      await Promise.allSettled([...running].map((job) => job.outcome()));
    },
  };
}

function modelLookup({ models }: ModelChoice): (name: string) => Model {
  return (name) => {
    const model = models.get(name);
    if (model === undefined) throw new Error(`No model was chosen for ${name}`);
    return model;
  };
}

function definedOnly<T extends object>(parts: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as T;
}
