import { describe, expect, it } from 'vitest';
import { InspanError } from './core/index.ts';
import { readEnvironment } from './environment.ts';

function mistakesIn(variables: Readonly<Record<string, string>>): readonly string[] {
  try {
    readEnvironment(variables);
    return [];
  } catch (error) {
    if (error instanceof InspanError) return error.failures.map(({ message }) => message);
    throw error;
  }
}

describe('reading the environment', () => {
  it('finds nothing where nothing is set', () => {
    expect(readEnvironment({ INSPAN_MODEL: ' ', OPENAI_API_KEY: '' })).toEqual({
      model: null,
      keys: {},
      urls: {},
      proxy: {},
    });
  });

  it('reads the keys and addresses of all providers by the variables their own tools use', () => {
    const environment = readEnvironment({
      INSPAN_MODEL: 'anthropic/claude-sonnet-5',
      ANTHROPIC_API_KEY: ' a ',
      OPENAI_API_KEY: 'o',
      GEMINI_API_KEY: 'g',
      AWS_BEARER_TOKEN_BEDROCK: 'b',
      AWS_REGION: 'us-east-1',
      OLLAMA_HOST: 'gpu-box',
      OPENAI_BASE_URL: 'http://127.0.0.1:4000',
      https_proxy: 'http://proxy.example:3128',
      NO_PROXY: 'internal.example',
      SOMETHING_ELSE: 'x',
    });
    expect(environment).toEqual({
      model: 'anthropic/claude-sonnet-5',
      keys: { anthropic: 'a', openai: 'o', 'openai-chat': 'o', google: 'g', bedrock: 'b' },
      urls: {
        openai: 'http://127.0.0.1:4000/v1',
        'openai-chat': 'http://127.0.0.1:4000/v1',
        bedrock: 'https://bedrock-mantle.us-east-1.api.aws/openai/v1',
        ollama: 'gpu-box',
      },
      proxy: { https: 'http://proxy.example:3128', none: 'internal.example' },
    });
    for (const part of [environment, environment.keys, environment.urls])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('stops the start with every wrong value, its name and what was expected', () => {
    const wrong = { INSPAN_MODEL: 'claude', OPENAI_BASE_URL: 'localhost', VLLM_BASE_URL: 'x' };
    expect(mistakesIn(wrong)).toEqual([
      expect.stringContaining('INSPAN_MODEL is claude'),
      expect.stringContaining('OPENAI_BASE_URL is localhost'),
      expect.stringContaining('VLLM_BASE_URL is x'),
    ]);
  });

  it('takes offline for a model', () => {
    expect(readEnvironment({ INSPAN_MODEL: 'offline' }).model).toBe('offline');
  });
});
