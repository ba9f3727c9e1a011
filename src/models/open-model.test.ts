import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answering, serve } from '../../test/setup/loopback.ts';
import { asking, endOf } from '../../test/setup/model-calls.ts';
import { createTransport, type ModelAccess, openModel } from './index.ts';

const bare: ModelAccess = { keys: {}, urls: {}, customs: {}, countTokens: () => 0 };

describe('opening a model', () => {
  it.each<[string, Partial<ModelAccess>]>([
    ['anthropic/claude-sonnet-5', { keys: { anthropic: 'k' } }],
    ['openai/gpt-6-sol', { keys: { openai: 'k' } }],
    ['openai-chat/gpt-6-sol', { keys: { 'openai-chat': 'k' } }],
    ['openai/gpt-6-sol', { urls: { openai: 'http://127.0.0.1:4000/v1' } }],
    ['openrouter/anthropic/claude-sonnet-5', { keys: { openrouter: 'k' } }],
    ['google/gemini-3.5-flash', { keys: { google: 'k' } }],
    ['azure/mine', { keys: { azure: 'k' }, urls: { azure: 'https://me.openai.azure.com/openai/v1' } }],
    ['ollama/qwen3:8b', {}],
    ['vllm/qwen3', {}],
    ['llamacpp/any', {}],
    ['sglang/qwen3', {}],
    ['openai-chat/x', { customs: { openai: { baseUrl: 'http://127.0.0.1:8080/v1' } } }],
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
    ['groq/openai/gpt-oss-120b', 'GROQ_API_KEY'],
    ['azure/mine', 'AZURE_OPENAI_ENDPOINT'],
    ['vertex/google/gemini-3.5-flash', 'GOOGLE_CLOUD_LOCATION and GOOGLE_CLOUD_PROJECT'],
  ])('says which variable %s needs: %s', (id, variable) => {
    const blank = { ...bare, keys: { anthropic: ' ', openai: '' } };
    expect(openModel(id, blank)).toMatchObject({
      ok: false,
      failure: { code: 'no-access', message: expect.stringContaining(variable) },
    });
  });

  it('needs the key also where the address of a cloud account is known', () => {
    const urls = { azure: 'https://me.openai.azure.com/openai/v1' };
    expect(openModel('azure/mine', { ...bare, urls })).toMatchObject({
      failure: { code: 'no-access', message: expect.stringContaining('AZURE_OPENAI_API_KEY') },
    });
  });

  it.each(['anthropic/x', 'openai/x', 'vllm/x'])(
    'lets %s ask right before a request is written whether it still may be',
    async (id) => {
      const served = await serve(answering(404, 'nothing here'));
      const { fetch, close } = createTransport();
      const urls = { anthropic: served.origin, openai: served.baseUrl, vllm: served.baseUrl };
      const opened = openModel(id, { ...bare, urls, keys: { anthropic: 'a', openai: 'o' }, fetch });
      if (!opened.ok) throw new Error(opened.failure.message);
      const heard: number[] = [];
      const beforeSend = (): null => {
        heard.push(served.paths.length);
        return null;
      };
      // The first call loads the model's code, the second finds it there.
      for (let calls = 0; calls < 2; calls++)
        await endOf(opened.value.stream(asking(), new AbortController().signal, beforeSend));
      expect([heard, served.paths.length]).toEqual([[0, 1], 2]);
      close();
    },
  );

  it('asks each provider on its own wire, at its own address and with its own key', async () => {
    const served = await serve(answering(404, 'nothing here'));
    const ask = async (id: string, access: Partial<ModelAccess>) => {
      const opened = openModel(id, { ...bare, ...access });
      if (!opened.ok) throw new Error(opened.failure.message);
      await endOf(opened.value.stream(asking(), new AbortController().signal));
    };
    const urls = {
      anthropic: served.origin,
      openai: served.baseUrl,
      ollama: served.origin,
      vllm: served.baseUrl,
    };
    await ask('anthropic/x', { urls, keys: { anthropic: 'a' } });
    await ask('openai/x', { urls, keys: { openai: 'o' } });
    await ask('ollama/x', { urls });
    await ask('vllm/x', { urls, keys: { vllm: 'v' } });
    await ask('acme/x', {
      customs: { acme: { baseUrl: `${served.baseUrl}/`, apiKey: 'c', streaming: false } },
    });
    await ask('anthropic/x', { customs: { anthropic: { baseUrl: served.baseUrl } } });
    expect(served.paths).toEqual([
      '/v1/messages',
      '/v1/responses',
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/messages',
    ]);
    const bearers = served.headers.slice(1, 5).map((headers) => headers.authorization);
    expect(bearers).toEqual(['Bearer o', 'Bearer none', 'Bearer v', 'Bearer c']);
    expect(served.bodies[4]).toMatchObject({ stream: false });
  });

  it('counts tokens where the provider can be asked, and only there', async () => {
    const served = await serve(answering(200, { object: 'response.input_tokens', input_tokens: 42 }));
    const opened = openModel('openai/gpt-6-sol', { ...bare, urls: { openai: served.baseUrl } });
    const counted = opened.ok && opened.value.countTokens?.(asking(), new AbortController().signal);
    expect(await counted).toEqual({ ok: true, value: 42 });
    const local = openModel('ollama/x', bare);
    expect(local.ok && local.value.countTokens).toBeUndefined();
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
      registerHooks({ resolve(name, context, next) { if (/^(@anthropic-ai|openai|gpt-tokenizer)/.test(name)) heavy.push(name); return next(name, context); } });
      const { openModel } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      openModel('ollama/x', { keys: {}, urls: {}, customs: {}, countTokens: () => 0 });
      console.log(JSON.stringify(heavy));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
