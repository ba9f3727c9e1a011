import { type Calibration, createCalibration } from './context/index.ts';
import {
  type Admission,
  type BeforeSend,
  type Budget,
  type Clock,
  type CountTokens,
  estimateTokens,
  type Model,
  ok,
  type Result,
  type Usage,
} from './core/index.ts';
import type { Environment } from './environment.ts';
import {
  type CountRequest,
  type CustomProvider,
  costMicroUsd,
  createAdmission,
  createOutages,
  createRequestCounter,
  createTransport,
  createWarmth,
  type Fetch,
  findOllama,
  lazyModel,
  type Outages,
  onion,
  openModel,
  type Price,
  priceOf,
  resolveModelName,
  type Transport,
  type TransportOptions,
  tokenFactor,
  type Warmth,
} from './models/index.ts';

/** Which models may be used, at what price, and how they are reached. */
export interface ModelSettings {
  /** One model for all agents: an id, or a model of your own. Wins over `INSPAN_MODEL` and the team's. */
  readonly model?: string | Model;
  /** OpenAI-compatible servers by the name that stands before `/` in their models' ids. */
  readonly providers?: Readonly<Record<string, CustomProvider>>;
  /** Prices that override or add to the built-in table, by model id. */
  readonly prices?: Readonly<Record<string, Price>>;
  /** How often one call is made while its provider is down or limits it, at most. Default: 5. */
  readonly attemptsMax?: number;
  /** Connections and how long to wait on them. */
  readonly transport?: TransportOptions;
  /** How requests leave the process, instead of the built-in transport. */
  readonly fetch?: Fetch;
}

/** What all jobs of an Inspan share of models: connections, rate limits, and what was learned of caches and tokens. */
export interface ModelHouse {
  readonly settings: ModelSettings;
  readonly environment: Environment;
  readonly warmth: Warmth;
  readonly outages: Outages;
  readonly calibration: Calibration;
  /** Counts tokens exactly, by o200k_base. Loads the tokenizer the first time it is asked for. */
  tokenCounter(): Promise<CountTokens>;
  /** Opens the model of an id, bare. */
  open(id: string): Result<Model>;
  /** Puts retries, admission, warm-up, timing and the budget of a job around a model. */
  wrap(model: Model, job: JobTerms): Model;
  /** The models an Ollama has installed; null where none answers. */
  installed(): Promise<readonly string[] | null>;
  /** Price of a model; null when nobody knows it. */
  priceOf(modelId: string): Price | null;
  costOf(modelId: string, usage: Usage): number | 'unknown';
  /** Closes all connections. */
  close(): void;
}

/** On what terms a job asks models. */
export interface JobTerms {
  readonly job: string;
  /** Null where money is no limit. */
  readonly budget: Budget | null;
  /** True where another model answers when this one cannot: then nobody waits for it for long. */
  readonly hasFallback: boolean;
  /** Whether the job is still this process's to ask for. Absent: it always is. */
  readonly beforeSend?: BeforeSend;
}

/** What a house is made of. */
export interface ModelHouseParts {
  readonly settings: ModelSettings;
  readonly environment: Environment;
  readonly loadCounter: () => Promise<CountTokens>;
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
}

/** Opens the house of models. Nothing is sent before the first request. */
export function openModelHouse(parts: ModelHouseParts): ModelHouse {
  const { settings, environment, clock } = parts;
  const counter = createLateCounter(parts.loadCounter);
  const transport = createTransport({ proxy: environment.proxy, ...settings.transport });
  const opened = new Map<string, Result<Model>>();
  const shared: SharedParts = {
    ...parts,
    transport,
    admission: createAdmission(parts),
    warmth: createWarmth(clock),
    counter,
    counterOf: createRequestCounter(counter.countTokens),
    priceOf: remembered((id) => ownPrice(settings.prices, id) ?? priceOf(id)),
  };
  return {
    settings,
    environment,
    tokenCounter: counter.load,
    warmth: shared.warmth,
    outages: createOutages(clock),
    calibration: createCalibration(tokenFactor),
    open(id) {
      const model = opened.get(id) ?? open(id, shared);
      opened.set(id, model);
      return model;
    },
    wrap: (model, terms) => wrap(model, terms, shared),
    installed: () => ollamaModels(shared),
    priceOf: shared.priceOf,
    costOf(id, usage) {
      const known = shared.priceOf(id);
      return known === null ? 'unknown' : costMicroUsd(known, usage);
    },
    close: () => transport.close(),
  };
}

interface SharedParts extends ModelHouseParts {
  readonly transport: Transport;
  readonly counter: LateCounter;
  readonly admission: Admission;
  readonly warmth: Warmth;
  readonly counterOf: (modelId: string) => CountRequest;
  readonly priceOf: (modelId: string) => Price | null;
}

/** Prices are found by patterns, and asked for several times in every call. */
function remembered<T>(find: (id: string) => T): (id: string) => T {
  const found = new Map<string, T>();
  return (id) => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const value = find(id);
    found.set(id, value);
    return value;
  };
}

function ownPrice(prices: ModelSettings['prices'], model: string): Price | undefined {
  return prices !== undefined && Object.hasOwn(prices, model) ? prices[model] : undefined;
}

function open(id: string, { settings, environment, counter, transport }: SharedParts): Result<Model> {
  if (id === 'offline') return ok(offline(counter));
  return openModel(resolveModelName(id), {
    keys: environment.keys,
    urls: environment.urls,
    fetch: settings.fetch ?? transport.fetch,
    customs: settings.providers ?? {},
    countTokens: counter.countTokens,
  });
}

function offline({ load }: LateCounter): Model {
  return lazyModel({ id: 'offline', contextTokensMax: 1_000_000 }, async () => {
    const { offlineModel } = await import('./sim/index.ts');
    return offlineModel({ countTokens: await load() });
  });
}

/** Counts exactly once the tokenizer is there, and estimates before: it takes longer to load than all else together. */
interface LateCounter {
  readonly countTokens: CountTokens;
  load(): Promise<CountTokens>;
}

function createLateCounter(loadCounter: () => Promise<CountTokens>): LateCounter {
  let exact: CountTokens | null = null;
  let loading: Promise<CountTokens> | null = null;
  return {
    countTokens: (text) => (exact ?? estimateTokens)(text),
    async load() {
      loading ??= loadCounter();
      exact = await loading;
      return exact;
    },
  };
}

function wrap(model: Model, terms: JobTerms, shared: SharedParts): Model {
  const { clock, random, admission, warmth, counterOf, priceOf, settings } = shared;
  return onion(model, {
    ...terms,
    clock,
    random,
    admission,
    warmth,
    counterOf,
    priceOf,
    ...(settings.attemptsMax === undefined ? {} : { attemptsMax: settings.attemptsMax }),
  });
}

async function ollamaModels({
  settings,
  environment,
  transport,
}: SharedParts): Promise<readonly string[] | null> {
  const url = environment.urls['ollama'];
  const models = await findOllama({
    ...(url === undefined ? {} : { url }),
    fetch: settings.fetch ?? transport.fetch,
    signal: new AbortController().signal,
  });
  return models === null || models.length === 0 ? null : models;
}
