import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ModelAccess, openModel } from './index.ts';

const bare: ModelAccess = { customs: {}, countTokens: () => 0 };

describe('opening a model', () => {
  it.each<[string, Partial<ModelAccess>]>([
    ['anthropic/claude-sonnet-5', { anthropicApiKey: 'k' }],
    ['openai/gpt-6-sol', { openaiApiKey: 'k' }],
    ['openrouter/anthropic/claude-sonnet-5', { openrouterApiKey: 'k' }],
    ['google/gemini-3.5-flash', { geminiApiKey: 'k' }],
    ['ollama/qwen3:8b', {}],
    ['acme/big-model', { customs: { acme: { baseUrl: 'http://127.0.0.1:8080/v1' } } }],
    ['anthropic/claude-sonnet-5', { customs: { anthropic: { baseUrl: 'http://127.0.0.1:8080' } } }],
  ])('opens %s', (id, access) => {
    expect(openModel(id, { ...bare, ...access })).toMatchObject({ ok: true, value: { id } });
  });

  it.each([
    ['anthropic/claude-sonnet-5', 'ANTHROPIC_API_KEY'],
    ['openai/gpt-6-sol', 'OPENAI_API_KEY'],
    ['openrouter/x/y', 'OPENROUTER_API_KEY'],
    ['google/gemini-3.5-flash', 'GEMINI_API_KEY'],
  ])('says which variable %s needs: %s', (id, variable) => {
    const blank = { ...bare, anthropicApiKey: ' ', openaiApiKey: '' };
    expect(openModel(id, blank)).toMatchObject({
      ok: false,
      failure: { code: 'no-access', message: expect.stringContaining(variable) },
    });
  });

  it('says which providers there are when it knows none of that name', () => {
    const access = { ...bare, customs: { acme: { baseUrl: 'http://127.0.0.1:1' } } };
    const opened = openModel('nobody/x', access);
    if (opened.ok) throw new Error('opened');
    expect(opened.failure.code).toBe('unknown-model');
    for (const provider of ['acme', 'anthropic', 'google', 'ollama', 'openai', 'openrouter'])
      expect(opened.failure.message).toContain(provider);
    for (const id of ['small', 'anthropic/', '/x', '', 'toString/x'])
      expect(openModel(id, bare)).toMatchObject({ failure: { code: 'unknown-model' } });
  });

  it('loads no provider SDK and no tokenizer before the first call', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const heavy = [];
      registerHooks({ resolve(name, context, next) { if (/sdk|openai$|tokenizer/.test(name)) heavy.push(name); return next(name, context); } });
      const { openModel } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      openModel('ollama/x', { customs: {}, countTokens: () => 0 });
      console.log(JSON.stringify(heavy));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
