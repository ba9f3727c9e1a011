import { Anthropic } from '@anthropic-ai/sdk';
import { openSimulator, type Simulator } from '../server/open-simulator.ts';
import { parseProfile } from '../server/parse-profile.ts';
import { openAnthropicWire } from './anthropic-wire.ts';

/** A running simulator, and the SDK as its client. */
export interface TestBench {
  readonly simulator: Simulator;
  /** Tries nothing twice. */
  readonly client: Anthropic;
  /** Another client of the same simulator. */
  clientWith(key: string, maxRetries?: number): Anthropic;
}

/** How long a batch takes on the bench. */
export const batchMs = 60_000;

/** A small request; on the bench its input is 10 tokens, 3 for its text and 7 for its framing. */
export const hello = Object.freeze({
  model: 'claude-sonnet-5',
  max_tokens: 1000,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
});

/** A profile in which the model always says the same. */
export function says(say: string) {
  return { brain: { script: [{ say }] } };
}

/** Opens a simulator with nothing but this wire. Its clock stands still; four characters are a token. */
export async function openBench(profile: object): Promise<TestBench> {
  const parsed = parseProfile(profile);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const simulator = await openSimulator({
    profile: parsed.value,
    wires: [openAnthropicWire({ batchMs })],
    models: ['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-4-5'].map((name) => ({
      provider: 'anthropic',
      name,
      contextTokensMax: 200_000,
      outputTokensMax: 64_000,
    })),
    countTokens: (text) => Math.ceil(text.length / 4),
    clock: { now: () => Date.UTC(2026, 10, 21), sleep: async () => undefined },
    priceOf: () => ({
      inputMicroUsd: 1_000_000,
      cacheReadMicroUsd: 100_000,
      cacheWrite5mMicroUsd: 1_250_000,
      cacheWrite1hMicroUsd: 2_000_000,
      outputMicroUsd: 5_000_000,
    }),
    cachePrefixTokensMin: () => 100,
  });
  const clientWith = (apiKey: string, maxRetries = 0) =>
    new Anthropic({ apiKey, baseURL: simulator.url, maxRetries });
  return { simulator, client: clientWith('sk-test'), clientWith };
}
