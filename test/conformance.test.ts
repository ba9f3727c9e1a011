import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { describe, it } from 'vitest';
import { aiSdkModel } from '../src/ai-sdk.ts';
import type { Model } from '../src/inspan.ts';
import { openModel } from '../src/models/index.ts';
import { type ProviderSkill, providerContract } from '../src/testing.ts';
import { openSimulated } from './setup/simulator.ts';
import { contractScript } from './setup/simulator-script.ts';

/** An adapter, opened with a key on an endpoint. */
interface Adapter {
  readonly name: string;
  readonly cannot: readonly ProviderSkill[];
  open(url: string, key: string): Model;
}

function own(
  name: string,
  id: string,
  {
    cannot = [],
    ...provider
  }: { readonly cannot?: readonly ProviderSkill[]; readonly streaming?: boolean } = {},
): Adapter {
  return {
    name,
    cannot,
    open(url, apiKey) {
      const [provided = ''] = id.split('/');
      const baseUrl = provided === 'anthropic' ? url : `${url}/v1`;
      const customs = { [provided]: { baseUrl, apiKey, ...provider } };
      const model = openModel(id, { keys: {}, urls: {}, customs, countTokens: (text) => text.length / 4 });
      if (!model.ok) throw new Error(model.failure.message);
      return model.value;
    },
  };
}

/** Left to itself, this provider of the AI SDK asks for no usage and keeps schemas to itself. */
const talkative = { includeUsage: true, supportsStructuredOutputs: true };

const adapters: readonly Adapter[] = [
  own('Messages', 'anthropic/claude-sonnet-5'),
  own('Messages, whole answers', 'anthropic/claude-sonnet-5', { streaming: false }),
  own('Responses', 'openai/gpt-6.1-terra'),
  own('Responses, whole answers', 'openai/gpt-6.1-terra', { streaming: false }),
  own('Chat Completions', 'openai-chat/gpt-6.1-terra'),
  own('Chat Completions, whole answers', 'openai-chat/gpt-6.1-terra', { streaming: false }),
  // Asks for no key, and says nothing of its cache.
  own('Ollama', 'ollama/qwen3:8b', { cannot: ['keys', 'cache'] }),
  own('a gateway of one’s own', 'gateway/gpt-4.1'),
  {
    name: 'the AI SDK on Messages',
    cannot: [],
    open: (url, apiKey) => aiSdkModel(createAnthropic({ baseURL: `${url}/v1`, apiKey })('claude-sonnet-5')),
  },
  {
    name: 'the AI SDK on Chat Completions',
    cannot: [],
    open: (url, apiKey) =>
      aiSdkModel(
        createOpenAICompatible({ name: 'compatible', baseURL: `${url}/v1`, apiKey, ...talkative })('gpt-4.1'),
      ),
  },
];

const skills: readonly ProviderSkill[] = ['keys', 'cache', 'images', 'output-schema', 'refuse', 'overflow'];

const key = 'sk-conformance';

/** Slow enough to leave in the middle of a long answer. */
const profile = { brain: { script: contractScript }, keys: [key], speed: { tokensPerSecond: 2_000 } };

describe.each(adapters)('$name', ({ cannot, open }) => {
  const can = new Set(skills.filter((skill) => !cannot.includes(skill)));
  for (const { promise, needs, check } of providerContract) {
    if (needs !== null && !can.has(needs)) continue;
    it(promise, async () => {
      const faults = needs === 'overflow' ? [{ fault: 'context-overflow' }] : [];
      const { url } = await openSimulated({ ...profile, faults });
      await check({
        model: open(url, key),
        stranger: open(url, 'sk-stranger'),
        can,
        salt: promise,
        signal: new AbortController().signal,
      });
    });
  }
});
