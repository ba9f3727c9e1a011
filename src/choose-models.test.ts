import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createInspan, defineTeam, type InspanOptions, type Team } from './inspan.ts';

const agent = { description: 'Works.', prompt: 'Work.' };
const usual = defineTeam({ agents: { a: agent } });
const chained = defineTeam({
  pattern: 'pipeline',
  agents: { a: { ...agent, model: 'small' }, b: agent },
  models: {
    small: ['ollama/qwen3:8b', 'openai/gpt-6-luna'],
    default: ['anthropic/claude-sonnet-5', 'openai/gpt-6.1-terra'],
  },
});

/** A port on which nobody answers. */
const nobody = '127.0.0.1:9';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Something on loopback that answers as Ollama does when it is asked for its models. */
async function ollamaWith(models: readonly string[]): Promise<string> {
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ models: models.map((name) => ({ name })) }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function choice(team: Team, environment: Record<string, string>, options: InspanOptions = {}) {
  const inspan = createInspan({ environment: { OLLAMA_HOST: nobody, ...environment }, ...options });
  const { models } = await inspan.prepare(team, { brief: 'Work.' });
  return {
    ids: Object.fromEntries([...models.models].map(([name, { id }]) => [name, id])),
    notice: models.notice,
  };
}

describe('the models of a job', () => {
  it('are offline when no key is set and no Ollama answers, and one line says so', async () => {
    expect(await choice(usual, {})).toEqual({
      ids: { default: 'offline' },
      notice:
        'Model offline: no ANTHROPIC_API_KEY or OPENAI_API_KEY is set and no Ollama answers. It extracts and does not write; set a key for real answers.',
    });
  });

  it('are Ollama’s when no key is set and it answers, and one line says so', async () => {
    const { ids, notice } = await choice(usual, { OLLAMA_HOST: await ollamaWith(['qwen3:8b']) });
    expect(ids).toEqual({ default: 'ollama/qwen3:8b' });
    expect(notice).toBe(
      'Model ollama/qwen3:8b: no ANTHROPIC_API_KEY or OPENAI_API_KEY is set, and Ollama answers here.',
    );
  });

  it('are offline when Ollama answers but has no model', async () => {
    expect((await choice(usual, { OLLAMA_HOST: await ollamaWith([]) })).ids).toEqual({ default: 'offline' });
  });

  it('are the first of each chain that can be reached', async () => {
    expect(await choice(chained, { OPENAI_API_KEY: 'k' })).toEqual({
      ids: { small: 'openai/gpt-6-luna', default: 'openai/gpt-6.1-terra' },
      notice: null,
    });
    const all = { ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k', OLLAMA_HOST: await ollamaWith(['qwen3:8b']) };
    expect((await choice(chained, all)).ids).toEqual({
      small: 'ollama/qwen3:8b',
      default: 'anthropic/claude-sonnet-5',
    });
  });

  it('are never replaced in silence for somebody who has set a key', async () => {
    await expect(choice(chained, { ANTHROPIC_API_KEY: 'k' })).rejects.toThrow('OPENAI_API_KEY');
  });

  it('are switched all at once by INSPAN_MODEL, and by an option before that', async () => {
    expect((await choice(chained, { INSPAN_MODEL: 'offline' })).ids).toEqual({
      small: 'offline',
      default: 'offline',
    });
    const option = { model: 'anthropic/claude-opus-5' };
    const { ids, notice } = await choice(
      chained,
      { INSPAN_MODEL: 'offline', ANTHROPIC_API_KEY: 'k' },
      option,
    );
    expect(ids).toEqual({ small: 'anthropic/claude-opus-5', default: 'anthropic/claude-opus-5' });
    expect(notice).toBeNull();
  });

  it('must exist: an unknown provider, a missing key and a wrong variable are named', async () => {
    await expect(choice(usual, {}, { model: 'acme/one' })).rejects.toThrow('No provider is called "acme"');
    await expect(choice(usual, {}, { model: 'openai/gpt-6-luna' })).rejects.toThrow('OPENAI_API_KEY');
    await expect(choice(usual, { INSPAN_MODEL: 'gpt' })).rejects.toThrow('INSPAN_MODEL is gpt');
  });

  it('may be a server of one’s own', async () => {
    const providers = { mine: { baseUrl: 'http://127.0.0.1:9/v1' } };
    expect((await choice(usual, {}, { model: 'mine/llama', providers })).ids).toEqual({
      default: 'mine/llama',
    });
  });
});
