import type { ModelChoice } from './choose-models.ts';
import { systemClock } from './clock.ts';
import { type Calibration, createPrefixMemory, type PrefixMemory } from './context/index.ts';
import {
  type Clock,
  estimateTokens,
  InspanError,
  type JobEvent,
  type Model,
  type StepRecord,
  totalInputTokens,
} from './core/index.ts';
import { newJobId } from './job-id.ts';
import { type AcceptedBrief, acceptBrief, type Brief, needsCounting } from './jobs/index.ts';
import type { ModelHouse, ModelHouseParts, ModelSettings } from './model-house.ts';
import { type CompiledTeam, compileTeam, type Team } from './team/index.ts';

/** What a house is opened with. */
export interface HouseOptions extends ModelSettings {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly newId?: () => string;
}

/** A checked brief, the compiled team and the models that would answer. */
export interface PreparedJob {
  readonly compiled: CompiledTeam;
  readonly brief: AcceptedBrief;
  readonly models: ModelChoice;
}

/** What all jobs of an Inspan share. */
export interface House {
  readonly options: HouseOptions;
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

/** Opens what jobs share; nothing is loaded, sent or read before it is asked for. */
export function openHouse(options: HouseOptions): House {
  const compiledTeams = new WeakMap<Team, CompiledTeam>();
  let models: Promise<ModelHouse> | null = null;
  // Read once: what a tool changes in the environment later changes no job.
  const variables = Object.freeze({ ...(options.environment ?? process.env) });
  const clock = options.clock ?? systemClock;
  return {
    options,
    clock,
    prefixes: createPrefixMemory(clock),
    newId: options.newId ?? (() => newJobId(clock.now())),
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

/** A brief to prepare. */
export interface ToPrepare {
  readonly job: string;
  readonly brief: Brief;
  readonly recorded: readonly StepRecord[];
  /** One model for all agents of this job. */
  readonly model?: string | null;
}

/** Checks a brief and chooses models; rejects with `InspanError` where either is wrong. */
export async function prepare(
  house: House,
  team: Team,
  { job, brief, recorded, model = null }: ToPrepare,
): Promise<PreparedJob> {
  const { chooseModels } = await import('./choose-models.ts');
  const modelHouse = await house.models();
  const isExact = team.budgetMicroUsd !== null || needsCounting(team, brief);
  const countTokens = isExact ? await modelHouse.tokenCounter() : estimateTokens;
  const accepted = acceptBrief(team, brief, countTokens);
  if (!accepted.ok) throw new InspanError(accepted.failures);
  const models = await chooseModels(team, { house: modelHouse, job, recorded, model });
  if (!models.ok) throw new InspanError([models.failure]);
  return { compiled: house.compiledOf(team), brief: accepted.brief, models: models.value };
}

/** Learns how a model counts: an agent's first request was counted here before its provider did. */
export function learnFrom(event: JobEvent, { learn }: Calibration): void {
  if (event.type !== 'model-called' || event.replayed || event.context === undefined) return;
  if (!event.key.endsWith('/turn-1')) return;
  learn(event.model, { counted: event.contextTokens, reported: totalInputTokens(event.usage) });
}

/** Finds the model that was chosen for a name of a team. */
export function modelLookup({ models }: ModelChoice): (name: string) => Model {
  return (name) => {
    const model = models.get(name);
    if (model === undefined) throw new Error(`No model was chosen for ${name}`);
    return model;
  };
}
