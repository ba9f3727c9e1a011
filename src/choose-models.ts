import {
  type Budget,
  type CountTokens,
  fail,
  type Model,
  ok,
  type Result,
  type Spending,
  type StepRecord,
  type Usage,
} from './core/index.ts';
import type { Environment } from './environment.ts';
import {
  budgeted,
  type CustomProvider,
  costMicroUsd,
  createBudget,
  type Fetch,
  findOllama,
  keyVariableOf,
  lazyModel,
  type ModelAccess,
  modelChain,
  openModel,
  type Price,
  priceOf,
  resolveModelName,
} from './models/index.ts';
import type { Team } from './team/index.ts';

/** Which models may be used, and at what price. */
export interface ModelSettings {
  /** One model for all agents: an id, or a model of your own. Wins over `INSPAN_MODEL` and the team's. */
  readonly model?: string | Model;
  /** OpenAI-compatible servers by the name that stands before `/` in their models' ids. */
  readonly providers?: Readonly<Record<string, CustomProvider>>;
  /** Prices that override or add to the built-in table, by model id. */
  readonly prices?: Readonly<Record<string, Price>>;
  /** How requests leave the process. Default: the global fetch. */
  readonly fetch?: Fetch;
}

/** What answers for every model name of a team. */
export interface ModelChoice {
  readonly models: ReadonlyMap<string, Model>;
  /** One line when something else than the team's own models answers: which, and why. */
  readonly notice: string | null;
  /** Price of a model; null when nobody knows it. */
  readonly priceOf: (modelId: string) => Price | null;
  readonly costOf: (modelId: string, usage: Usage) => number | 'unknown';
}

/** What a choice depends on besides the team. */
export interface ChoiceParts {
  readonly settings: ModelSettings;
  readonly environment: Environment;
  readonly countTokens: CountTokens;
  /** The journal of a job that is taken up again: what it has cost already is taken from the budget. */
  readonly recorded: readonly StepRecord[];
}

/** What a team uses that names no model. */
const defaultChain: readonly string[] = ['anthropic/claude-sonnet-5', 'openai/gpt-6.1-terra'];

/**
 * Chooses the models of a job. One given by hand or by `INSPAN_MODEL` answers for all agents. Else every name gets
 * those of its chain that can be reached from here. When no key is set at all: Ollama if it answers, else `offline`.
 */
export async function chooseModels(team: Team, parts: ChoiceParts): Promise<Result<ModelChoice>> {
  const names = [
    ...new Set([team.lead, ...team.members].flatMap((role) => (role === null ? [] : [role.model]))),
  ];
  const override = parts.settings.model ?? parts.environment.model;
  const chosen =
    override === null ? await chooseChains(names, team, parts) : chooseOne(names, override, parts);
  if (!chosen.ok) return chosen;
  const price = (id: string): Price | null => ownPrice(parts.settings.prices, id) ?? priceOf(id);
  const budget = budgetOf(team, parts);
  const guard = (model: Model): Model =>
    budget === null ? model : budgeted(model, { budget, priceOf: price, countTokens: parts.countTokens });
  const models = new Map<string, Model>();
  for (const [name, chain] of chosen.value.chains) models.set(name, modelChain(chain.map(guard)));
  const costOf = (id: string, usage: Usage): number | 'unknown' => {
    const known = price(id);
    return known === null ? 'unknown' : costMicroUsd(known, usage);
  };
  return ok({ models, notice: chosen.value.notice, priceOf: price, costOf });
}

interface Chosen {
  readonly chains: ReadonlyMap<string, readonly Model[]>;
  readonly notice: string | null;
}

function budgetOf(team: Team, { recorded, settings }: ChoiceParts): Budget | null {
  if (team.budgetMicroUsd === null) return null;
  return createBudget(team.budgetMicroUsd, spentMicroUsd(recorded, settings));
}

/**
 * What the recorded model calls of a job cost. A call whose end a crash hid counts as the most it may have cost;
 * an unknown price counts as nothing, as it did when the calls were made.
 */
function spentMicroUsd(recorded: readonly StepRecord[], { prices }: ModelSettings): number {
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
  return [...spent, ...open.values()].reduce((sum, { model, usage }) => {
    const price = ownPrice(prices, model) ?? priceOf(model);
    return price === null ? sum : sum + costMicroUsd(price, usage);
  }, 0);
}

function ownPrice(prices: ModelSettings['prices'], model: string): Price | undefined {
  return prices !== undefined && Object.hasOwn(prices, model) ? prices[model] : undefined;
}

function chooseOne(names: readonly string[], override: string | Model, parts: ChoiceParts): Result<Chosen> {
  const model = typeof override === 'string' ? open(override, parts) : ok(override);
  if (!model.ok) return model;
  return ok({ chains: new Map(names.map((name) => [name, [model.value]])), notice: null });
}

async function chooseChains(
  names: readonly string[],
  team: Team,
  parts: ChoiceParts,
): Promise<Result<Chosen>> {
  const chains = names.map((name) => [name, chainOf(name, team)] as const);
  const ids = chains.flatMap(([, chain]) => chain);
  const unknown = ids
    .map((id) => open(id, parts))
    .find((each) => !each.ok && each.failure.code === 'unknown-model');
  if (unknown !== undefined && !unknown.ok) return unknown;
  const hasKey = ids.some((id) => !isLocal(id) && open(id, parts).ok);
  const installed = ids.some(isOllama) || !hasKey ? await ollamaModels(parts) : null;
  const opened = new Map<string, readonly Model[]>();
  const closed: string[] = [];
  for (const [name, chain] of chains) {
    const reachable = chain.filter((id) => !isOllama(id) || installed !== null).map((id) => open(id, parts));
    const models = reachable.flatMap((each) => (each.ok ? [each.value] : []));
    if (models.length > 0) opened.set(name, models);
    else closed.push(name);
  }
  if (closed.length === 0) return ok({ chains: opened, notice: null });
  if (hasKey) return unreachable(closed[0] ?? '', chains, parts);
  return ok(substitute(opened, closed, { ids, installed, parts }));
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
  readonly parts: ChoiceParts;
}

/** Nothing of the team's can be reached and no key is set: what runs here runs instead, and says so. */
function substitute(
  opened: Map<string, readonly Model[]>,
  closed: readonly string[],
  { ids, installed, parts }: Substitution,
): Chosen {
  const local = installed?.[0];
  const model = local === undefined ? null : open(`ollama/${local}`, parts);
  const answering = model?.ok === true ? model.value : offline(parts.countTokens);
  for (const name of closed) opened.set(name, [answering]);
  const variables = keyVariables(ids);
  const why =
    variables.length === 0 ? 'the team names only local models' : `no ${variables.join(' or ')} is set`;
  const notice =
    answering.id === 'offline'
      ? `Model offline: ${why} and no Ollama answers. It extracts and does not write; set a key for real answers.`
      : `Model ${answering.id}: ${why}, and Ollama answers here.`;
  return { chains: opened, notice };
}

function unreachable(
  name: string,
  chains: readonly (readonly [string, readonly string[]])[],
  parts: ChoiceParts,
): Result<never> {
  const chain = chains.find(([each]) => each === name)?.[1] ?? [];
  const [first] = chain.map((id) => open(id, parts)).filter((each) => !each.ok);
  if (first !== undefined && !first.ok) return first;
  return fail(
    'no-access',
    `Nothing answers for model ${name} (${chain.join(', ')}): start Ollama, or name another model.`,
  );
}

function open(id: string, { settings, environment, countTokens }: ChoiceParts): Result<Model> {
  if (id === 'offline') return ok(offline(countTokens));
  const { anthropicApiKey, openaiApiKey, openrouterApiKey, geminiApiKey, ollamaHost } = environment;
  const access: ModelAccess = {
    ...(anthropicApiKey === null ? {} : { anthropicApiKey }),
    ...(openaiApiKey === null ? {} : { openaiApiKey }),
    ...(openrouterApiKey === null ? {} : { openrouterApiKey }),
    ...(geminiApiKey === null ? {} : { geminiApiKey }),
    ...(ollamaHost === null ? {} : { ollamaUrl: ollamaHost }),
    ...(settings.fetch === undefined ? {} : { fetch: settings.fetch }),
    customs: settings.providers ?? {},
    countTokens,
  };
  return openModel(resolveModelName(id), access);
}

function offline(countTokens: CountTokens): Model {
  return lazyModel({ id: 'offline', contextTokensMax: 1_000_000 }, async () => {
    const { offlineModel } = await import('./sim/index.ts');
    return offlineModel({ countTokens });
  });
}

async function ollamaModels({ settings, environment }: ChoiceParts): Promise<readonly string[] | null> {
  const models = await findOllama({
    ...(environment.ollamaHost === null ? {} : { url: environment.ollamaHost }),
    fetch: settings.fetch ?? globalThis.fetch,
    signal: new AbortController().signal,
  });
  return models === null || models.length === 0 ? null : models;
}

function isOllama(id: string): boolean {
  return id.startsWith('ollama/');
}

function isLocal(id: string): boolean {
  return isOllama(id) || id === 'offline';
}

function keyVariables(ids: readonly string[]): readonly string[] {
  const providers = ids.filter((id) => !isLocal(id)).map((id) => resolveModelName(id).split('/')[0] ?? '');
  return [...new Set(providers.map(keyVariableOf))];
}
