import { describe, expect, it } from 'vitest';
import { keyVariableOf, providerOf, providers, urlFrom, urlVariablesOf } from './providers.ts';

const names = Object.keys(providers);

function url(provider: string, variables: Readonly<Record<string, string>>) {
  const facts = providerOf(provider);
  if (facts === undefined) throw new Error(`no provider ${provider}`);
  return urlFrom(facts, (name) => variables[name] ?? null);
}

describe('the providers known by name', () => {
  it.each(names)('%s has an address, a key variable and a way to another address', (name) => {
    const facts = providerOf(name);
    if (facts === undefined) throw new Error('unknown');
    const filled = facts.baseUrl.replaceAll(/\{[A-Z_]+\}/g, 'https://x');
    expect(filled).toMatch(/^https?:\/\//);
    expect(facts.keyVariable).toMatch(/^[A-Z_]+_(KEY|TOKEN|TOKEN_BEDROCK)$/);
    expect(facts.urlVariable !== null || urlVariablesOf(facts).length > 0).toBe(true);
  });

  it('need a key, but for servers of one’s own', () => {
    const free = names.filter((name) => providerOf(name)?.needsKey === false);
    expect(free.sort()).toEqual(['llamacpp', 'ollama', 'sglang', 'vllm']);
    for (const name of free) expect(providerOf(name)?.baseUrl).toContain('127.0.0.1');
  });

  it('are known by their own names alone', () => {
    expect(providerOf('toString')).toBeUndefined();
    expect(keyVariableOf('my-server')).toBe('MY_SERVER_API_KEY');
  });

  it.each([
    ['anthropic', 'ANTHROPIC_BASE_URL', 'http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['anthropic', 'ANTHROPIC_BASE_URL', 'http://127.0.0.1:4000/v1/', 'http://127.0.0.1:4000'],
    ['openai', 'OPENAI_BASE_URL', 'http://127.0.0.1:4000', 'http://127.0.0.1:4000/v1'],
    ['openai', 'OPENAI_BASE_URL', 'http://127.0.0.1:4000/v1/', 'http://127.0.0.1:4000/v1'],
    ['openai-chat', 'OPENAI_BASE_URL', 'http://127.0.0.1:4000/proxy/', 'http://127.0.0.1:4000/proxy'],
    ['vllm', 'VLLM_BASE_URL', 'http://gpu:8000/', 'http://gpu:8000/v1'],
    ['ollama', 'OLLAMA_HOST', 'gpu-box:9000', 'gpu-box:9000'],
    [
      'azure',
      'AZURE_OPENAI_ENDPOINT',
      'https://me.openai.azure.com/',
      'https://me.openai.azure.com/openai/v1',
    ],
    [
      'azure-chat',
      'AZURE_OPENAI_ENDPOINT',
      'https://me.openai.azure.com/openai/v1/',
      'https://me.openai.azure.com/openai/v1',
    ],
    ['bedrock', 'AWS_REGION', 'eu-west-1', 'https://bedrock-mantle.eu-west-1.api.aws/openai/v1'],
  ])('%s is found by %s=%s', (...row) => {
    const [provider, variable, value, expected] = row;
    expect(url(provider, { [variable]: value })).toEqual({ ok: true, value: expected });
  });

  it('finds Vertex by its project and location, also the global one', () => {
    const at = (location: string) =>
      url('vertex', { GOOGLE_CLOUD_PROJECT: 'me', GOOGLE_CLOUD_LOCATION: location });
    expect(at('europe-west4')).toEqual({
      ok: true,
      value:
        'https://europe-west4-aiplatform.googleapis.com/v1/projects/me/locations/europe-west4/endpoints/openapi',
    });
    expect(at('global')).toMatchObject({
      value: expect.stringMatching(/^https:\/\/aiplatform\.googleapis\.com\/.*\/locations\/global\//),
    });
    expect(url('vertex', { GOOGLE_CLOUD_PROJECT: 'me' })).toEqual({ ok: true, value: null });
  });

  it('says which variable is no address, and how one looks', () => {
    expect(url('vllm', { VLLM_BASE_URL: 'gpu:8000' })).toMatchObject({
      ok: false,
      failure: {
        code: 'wrong-config',
        message: 'VLLM_BASE_URL is gpu:8000: write an address such as http://127.0.0.1:8000/v1.',
      },
    });
    expect(url('azure', { AZURE_OPENAI_ENDPOINT: 'me' })).toMatchObject({
      failure: { message: expect.stringContaining('AZURE_OPENAI_ENDPOINT') },
    });
  });
});
