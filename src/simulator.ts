import { systemClock } from './clock.ts';
import { type Clock, type Failure, failure, InspanError } from './core/index.ts';
import {
  cachePrefixTokensMin,
  contextTokensMaxOf,
  createTokenCounter,
  outputTokensMaxOf,
  priceOf,
  prices,
} from './models/index.ts';
import {
  anthropicWire,
  ollamaWire,
  openaiWire,
  openSimulator,
  parseProfile,
  type SimModel,
  type Simulator,
} from './sim/index.ts';

/** How a simulator is started. Everything has a default. */
export interface StartSimulatorOptions {
  /** How it behaves: brain, speed, limits, keys, faults, seed; see docs/simulator.md. */
  readonly profile?: unknown;
  /** 0, the default, takes any that is free. */
  readonly port?: number;
  /** Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  readonly clock?: Clock;
}

/** A simulator that runs, and the environment that leads to it. */
export interface RunningSimulator extends Simulator {
  /** `ANTHROPIC_BASE_URL` and the like: what Inspan, or any program with the vendors' SDKs, needs to speak to it. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts a provider on loopback that behaves like the real ones: Anthropic, OpenAI and Ollama on the wire, with
 * their prompt caches, rate limits, faults and bills. Throws `InspanError` when the profile or the port is wrong.
 */
export async function startSimulator(options: StartSimulatorOptions = {}): Promise<RunningSimulator> {
  const { profile: written, clock = systemClock, ...place } = options;
  const profile = parseProfile(written, simulatedModels);
  if (!profile.ok) throw new InspanError(mistakesOf(profile.failure));
  const simulator = await openSimulator({
    ...place,
    profile: profile.value,
    clock,
    wires: [anthropicWire, openaiWire, ollamaWire],
    models: simulatedModels,
    countTokens: await createTokenCounter(),
    priceOf,
    cachePrefixTokensMin,
  });
  const key = profile.value.keys?.[0] ?? keyUsual;
  return { ...simulator, environment: environmentFor(simulator.url, key) };
}

/** Where any key will do. Clients blot it out of messages, so it must be part of no other word. */
const keyUsual = 'sk-simulator';

/** A profile's mistakes come a line each, and each is a failure of its own. */
function mistakesOf({ code, message }: Failure): readonly Failure[] {
  return message.split('\n').map((line) => failure(code, line));
}

function environmentFor(url: string, key: string): Readonly<Record<string, string>> {
  return Object.freeze({
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: key,
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: key,
    OLLAMA_HOST: url,
  });
}

/** What the simulator has beside the models with prices: embedding models, and what an Ollama might have installed. */
const furtherModels: readonly string[] = Object.freeze([
  'openai/text-embedding-3-small',
  'openai/text-embedding-3-large',
  'ollama/qwen3:8b',
  'ollama/gpt-oss:20b',
  'ollama/nomic-embed-text:latest',
]);

/** Every Anthropic and OpenAI model with a price, and a few more. */
const simulatedModels: readonly SimModel[] = Object.freeze(
  [...Object.keys(prices), ...furtherModels].flatMap((id): readonly SimModel[] => {
    const [provider = '', ...name] = id.split('/');
    if (provider !== 'anthropic' && provider !== 'openai' && provider !== 'ollama') return [];
    const facts = { contextTokensMax: contextTokensMaxOf(id), outputTokensMax: outputTokensMaxOf(id) };
    return [{ provider, name: name.join('/'), ...facts }];
  }),
);
