import {
  type BeforeSend,
  type Budget,
  type Effort,
  type Failure,
  fail,
  type Model,
  ok,
  type Result,
  type Spending,
  type StepRecord,
} from './core/index.ts';
import type { ModelHouse } from './model-house.ts';
import {
  createBudget,
  keyVariableOf,
  modelChain,
  providerOf,
  refuseSettings,
  resolveModelName,
  unsupportedSettings,
} from './models/index.ts';
import type { RoleDefinition, Team } from './team/index.ts';

/** What answers for every model name of a team. */
export interface ModelChoice {
  readonly models: ReadonlyMap<string, Model>;
  /** One line when something else than the team's own models answers, or something is left out: what, and why. */
  readonly notice: string | null;
  /** True where none of the team's own could be reached and something else answers instead. */
  readonly isSubstituted: boolean;
}

/** What a choice depends on besides the team. */
export interface ChoiceParts {
  readonly house: ModelHouse;
  readonly job: string;
  /** The journal of a job that is taken up again: what it has cost already is taken from the budget. */
  readonly recorded: readonly StepRecord[];
  /** One model for all agents of this job: wins over everything else. */
  readonly model?: string | null;
  /** False: nothing answers instead of models that cannot be reached. Default: true. */
  readonly maySubstitute?: boolean;
  /** Whether the job is still this process's to ask for; see `BeforeSend`. */
  readonly beforeSend?: BeforeSend;
}

/** What a team uses that names no model. */
const defaultChain: readonly string[] = ['anthropic/claude-sonnet-5', 'openai/gpt-6.1-terra'];

/**
 * Chooses the models of a job. One given by hand or by `INSPAN_MODEL` answers for all agents. Else every name gets
 * those of its chain that can be reached from here. When no key is set at all: Ollama if it answers, else `offline`.
 */
export async function chooseModels(team: Team, parts: ChoiceParts): Promise<Result<ModelChoice>> {
  const { house, job, beforeSend } = parts;
  const names = [...new Set(rolesOf(team).map(({ model }) => model))];
  const override = parts.model ?? house.settings.model ?? house.environment.model;
  const chosen =
    override === null ? await chooseChains(names, team, parts) : chooseOne(names, override, { team, house });
  if (!chosen.ok) return chosen;
  const unpriced = team.budgetMicroUsd === null ? null : unpricedModel(chosen.value.chains, house);
  if (unpriced !== null) return unpriced;
  const budget = budgetOf(team, parts);
  const models = new Map<string, Model>();
  for (const [name, chain] of chosen.value.chains) {
    const wrapped = chain.map((model, place) =>
      house.wrap(model, {
        job,
        budget,
        hasFallback: place < chain.length - 1,
        ...(beforeSend === undefined ? {} : { beforeSend }),
      }),
    );
    models.set(name, modelChain(wrapped, house.outages));
  }
  const { notice, isSubstituted = false } = chosen.value;
  return ok({ models, notice, isSubstituted });
}

function rolesOf(team: Team): readonly RoleDefinition[] {
  return [...(team.lead === null ? [] : [team.lead]), ...team.members];
}

/** Money cannot be counted without a price, so a budget says no before anything is spent. */
function unpricedModel(chains: Chosen['chains'], house: ModelHouse): Result<never> | null {
  const models = [...chains.values()].flat();
  const unpriced = models.find(({ id }) => house.priceOf(id) === null);
  if (unpriced === undefined) return null;
  return fail(
    'wrong-config',
    `No price is known for ${unpriced.id}, so the team's budget cannot be kept with it. Add its price (INSPAN_PRICES, or prices of createInspan), choose a model with a known price, or remove the budget.`,
  );
}

interface Chosen {
  readonly chains: ReadonlyMap<string, readonly Model[]>;
  readonly notice: string | null;
  readonly isSubstituted?: boolean;
}

function budgetOf(team: Team, { recorded, house }: ChoiceParts): Budget | null {
  if (team.budgetMicroUsd === null) return null;
  return createBudget(team.budgetMicroUsd, spentMicroUsd(recorded, house));
}

/**
 * What the recorded model calls of a job cost, estimates of what was never reported included. A call whose end a
 * crash hid counts as the most it may have cost; an unknown price counts as nothing, as it did when the calls were made.
 */
function spentMicroUsd(recorded: readonly StepRecord[], { costOf }: ModelHouse): number {
  const spent: Spending[] = [];
  const open = new Map<string, Spending>();
  for (const record of recorded) {
    if (record.type !== 'started') {
      spent.push(...(record.spent ?? []));
      open.delete(record.key);
      continue;
    }
    // Begun again before it ended: what the earlier call cost nobody will say.
    const hidden = open.get(record.key);
    if (hidden !== undefined) spent.push(hidden);
    if (record.atRisk !== undefined) open.set(record.key, record.atRisk);
  }
  return [...spent, ...open.values()]
    .flatMap(({ model, usage, estimate }) =>
      [usage, ...(estimate === undefined ? [] : [estimate])].map((used) => costOf(model, used)),
    )
    .reduce<number>((sum, cost) => (cost === 'unknown' ? sum : sum + cost), 0);
}

interface Choosing {
  readonly team: Team;
  readonly house: ModelHouse;
}

function chooseOne(
  names: readonly string[],
  override: string | Model,
  { team, house }: Choosing,
): Result<Chosen> {
  const model = typeof override === 'string' ? house.open(override) : ok(override);
  if (!model.ok) return model;
  const chains = new Map(names.map((name) => [name, [model.value]]));
  return ok({ chains, notice: ignoredNotice(model.value.id, team) });
}

/** A model that was chosen over the team's own need not know how hard to think: then it thinks as it does. */
function ignoredNotice(modelId: string, team: Team): string | null {
  if (modelId === 'offline') return null;
  const ignored = rolesOf(team).filter((role) => unsupportedSettings(modelId, thinkingOf(role)).length > 0);
  if (ignored.length === 0) return null;
  return `Model ${modelId} cannot be told how hard to think as the team says: it thinks as it does for ${ignored.map(({ name }) => name).join(', ')}.`;
}

function thinkingOf({ effort, thinkingTokensMax }: RoleDefinition): {
  readonly effort?: Effort;
  readonly thinkingTokensMax?: number;
} {
  return {
    ...(effort === null ? {} : { effort }),
    ...(thinkingTokensMax === null ? {} : { thinkingTokensMax }),
  };
}

/** Says which agent asks a model of its own for something that it cannot do; null where none does. */
export function refusedThinking(team: Team, isAsked: (id: string) => boolean = () => true): Failure | null {
  for (const role of rolesOf(team)) {
    for (const id of chainOf(role.model, team).filter(isAsked)) {
      const refused = refuseSettings(resolveModelName(id), thinkingOf(role));
      if (refused !== null) return { ...refused, message: `${role.name}: ${refused.message}` };
    }
  }
  return null;
}

async function chooseChains(
  names: readonly string[],
  team: Team,
  { house, maySubstitute = true }: Pick<ChoiceParts, 'house' | 'maySubstitute'>,
): Promise<Result<Chosen>> {
  const chains = names.map((name) => [name, chainOf(name, team)] as const);
  const ids = chains.flatMap(([, chain]) => chain);
  const unknown = ids
    .map((id) => house.open(id))
    .find((each) => !each.ok && each.failure.code === 'unknown-model');
  if (unknown !== undefined && !unknown.ok) return unknown;
  const refused = refusedThinking(team, (id) => house.open(id).ok);
  if (refused !== null) return { ok: false, failure: refused };
  const hasKey = ids.some((id) => !isLocal(id) && house.open(id).ok);
  const installed = ids.some(isOllama) || !hasKey ? await house.installed() : null;
  const opened = new Map<string, readonly Model[]>();
  const closed: string[] = [];
  for (const [name, chain] of chains) {
    const reachable = chain.filter((id) => !isOllama(id) || installed !== null).map((id) => house.open(id));
    const models = reachable.flatMap((each) => (each.ok ? [each.value] : []));
    if (models.length > 0) opened.set(name, models);
    else closed.push(name);
  }
  if (closed.length === 0) return ok({ chains: opened, notice: null });
  if (hasKey || !maySubstitute) return unreachable(closed[0] ?? '', chains, house);
  return substitute(opened, closed, { ids, installed, house });
}

/** The ids behind a model name of a team, in the order they are tried. */
export function chainOf(name: string, team: Team): readonly string[] {
  const chain = Object.hasOwn(team.models, name) ? team.models[name] : undefined;
  if (chain !== undefined) return chain;
  return name === 'default' ? defaultChain : [name];
}

interface Substitution {
  readonly ids: readonly string[];
  readonly installed: readonly string[] | null;
  readonly house: ModelHouse;
}

/** Nothing of the team's can be reached and no key is set: what runs here runs instead, and says so. */
function substitute(
  opened: Map<string, readonly Model[]>,
  closed: readonly string[],
  { ids, installed, house }: Substitution,
): Result<Chosen> {
  const local = installed?.[0];
  const model = local === undefined ? null : house.open(`ollama/${local}`);
  const answering = model?.ok === true ? model : house.open('offline');
  if (!answering.ok) return answering;
  for (const name of closed) opened.set(name, [answering.value]);
  const variables = keyVariables(ids);
  const why =
    variables.length === 0 ? 'the team names only local models' : `no ${variables.join(' or ')} is set`;
  const notice =
    answering.value.id === 'offline'
      ? `Model offline: ${why} and no Ollama answers. It extracts and does not write; set a key for real answers.`
      : `Model ${answering.value.id}: ${why}, and Ollama answers here.`;
  return ok({ chains: opened, notice, isSubstituted: true });
}

function unreachable(
  name: string,
  chains: readonly (readonly [string, readonly string[]])[],
  house: ModelHouse,
): Result<never> {
  const chain = chains.find(([each]) => each === name)?.[1] ?? [];
  const [first] = chain.map((id) => house.open(id)).filter((each) => !each.ok);
  if (first !== undefined && !first.ok) return first;
  return fail(
    'no-access',
    `Nothing answers for model ${name} (${chain.join(', ')}): start Ollama, or name another model.`,
  );
}

function isOllama(id: string): boolean {
  return id.startsWith('ollama/');
}

/** Said of models that ask for no key: that they can be opened says nothing about a key being set. */
function isLocal(id: string): boolean {
  return id === 'offline' || providerOf(id.split('/')[0] ?? '')?.needsKey === false;
}

function keyVariables(ids: readonly string[]): readonly string[] {
  const providers = ids.filter((id) => !isLocal(id)).map((id) => resolveModelName(id).split('/')[0] ?? '');
  return [...new Set(providers.map(keyVariableOf))];
}
