import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { openSimulator, type Simulator } from '../../server/open-simulator.ts';
import { parseProfile } from '../../server/parse-profile.ts';
import type { SimModel } from '../../server/wire.ts';
import { openaiWire } from '../openai.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const model = 'text-embedding-3-small';
const models: readonly SimModel[] = [model, 'gpt-6-sol'].map((name) => ({
  provider: 'openai',
  name,
  contextTokensMax: 8192,
  outputTokensMax: 4000,
}));

async function open(): Promise<{ client: OpenAI; simulator: Simulator }> {
  const parsed = parseProfile({});
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const simulator = await openSimulator({
    profile: parsed.value,
    wires: [openaiWire],
    models,
    countTokens: (text) => Math.ceil(text.length / 4),
    clock: { now: () => 0, sleep: async () => undefined },
    priceOf: () => null,
    cachePrefixTokensMin: () => null,
  });
  closers.push(simulator.close);
  return { client: new OpenAI({ apiKey: 'sk', baseURL: `${simulator.url}/v1`, maxRetries: 0 }), simulator };
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe('embeddings', () => {
  it('are near for texts that share words, far for others, and equal for equal texts', async () => {
    const { client, simulator } = await open();
    const input = [
      'The cat sat on the warm mat.',
      'A cat sat on a mat.',
      'Quarterly revenue grew by nine percent.',
      'The cat sat on the warm mat.',
    ];
    const { data, usage } = await client.embeddings.create({ model, input });
    const [cat = [], alike = [], other = [], same = []] = data.map(({ embedding }) => embedding);
    expect(cat).toHaveLength(1536);
    expect(dot(cat, cat)).toBeCloseTo(1, 5);
    expect(same).toEqual(cat);
    expect(dot(cat, alike)).toBeGreaterThan(0.5);
    expect(Math.abs(dot(cat, other))).toBeLessThan(0.2);
    expect(usage.prompt_tokens).toBe(29);
    expect(simulator.accounts().total.usage.inputTokens).toBe(29);
  });

  it('come as numbers or as bytes, in as many dimensions as asked for, of texts or of tokens', async () => {
    const { client } = await open();
    const ask = async (encoding_format: 'float' | 'base64' | undefined) =>
      await client.embeddings.create({
        model,
        input: [[1, 2, 3]],
        dimensions: 64,
        ...(encoding_format && { encoding_format }),
      });
    const [floats, bytes, usual] = [await ask('float'), await ask('base64'), await ask(undefined)];
    expect(floats.data[0]?.embedding).toHaveLength(64);
    expect(usual.data[0]?.embedding).toEqual(floats.data[0]?.embedding);
    const text = bytes.data[0]?.embedding as unknown as string;
    expect(Buffer.from(text, 'base64')).toHaveLength(64 * 4);
    expect(floats.usage.total_tokens).toBe(3);
  });

  it.each<[object, number, string | null]>([
    [{ input: '' }, 400, null],
    [{ input: [] }, 400, 'empty_array'],
    [{ input: 'x'.repeat(40_000) }, 400, 'context_length_exceeded'],
    [{ dimensions: 2000 }, 400, 'invalid_value'],
    [{ model: 'gpt-6-sol' }, 403, null],
    [{ model: 'text-embedding-9' }, 404, 'model_not_found'],
  ])('refuse what cannot be embedded: %j', async (change, status, code) => {
    const { client } = await open();
    const refused = client.embeddings.create({ model, input: 'x', ...change });
    await expect(refused).rejects.toMatchObject({ status, code });
  });
});

describe('models', () => {
  it('are listed and found by name', async () => {
    const { client } = await open();
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual([model, 'gpt-6-sol']);
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
    await expect(client.models.retrieve('gpt-9')).rejects.toMatchObject({ code: 'model_not_found' });
  });
});
