import { describe, expect, it } from 'vitest';
import type { Message, ModelRequest, SystemBlock } from '../../core/index.ts';
import { openaiBody } from './openai-request.ts';

const user = (said: string, marked = false): Message => ({
  role: 'user',
  blocks: [{ type: 'text', text: said }],
  ...(marked ? { cacheMark: 'short' } : {}),
});
const block = (text: string, marked = false): SystemBlock => ({
  id: text,
  stability: 'release',
  text,
  ...(marked ? { cacheMark: 'short' } : {}),
});

function asking(more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    lane: 'a',
    tools: [],
    system: [block('memory', true), block('prompt')],
    messages: [user('Hi', true)],
    outputTokensMax: 64,
    ...more,
  };
}

const openai = { provider: 'openai', model: 'gpt-6-sol' };
const ollama = { provider: 'ollama', model: 'qwen3:8b' };

describe('a request to an OpenAI-compatible server', () => {
  it('is the same bytes whenever it is the same request, and sends no sampling parameters', () => {
    const body = openaiBody(asking({ effort: 'low' }), openai);
    expect(JSON.stringify(openaiBody(structuredClone(asking({ effort: 'low' })), openai))).toBe(
      JSON.stringify(body),
    );
    expect(body).toEqual({
      model: 'gpt-6-sol',
      max_completion_tokens: 64,
      stream: true,
      stream_options: { include_usage: true },
      prompt_cache_key: expect.stringMatching(/^[0-9a-f]{32}$/),
      messages: [
        { role: 'system', content: 'memory\n\nprompt' },
        { role: 'user', content: 'Hi' },
      ],
      reasoning_effort: 'low',
    });
  });

  it('shares a cache key between jobs, not between agents', () => {
    const key = (request: ModelRequest) => openaiBody(request, openai).prompt_cache_key;
    expect(key(asking({ lane: 'b', messages: [user('Another brief')] }))).toBe(key(asking()));
    expect(key(asking({ system: [block('other')] }))).not.toBe(key(asking()));
  });

  it('uses the names that other servers know', () => {
    expect(openaiBody(asking(), ollama)).toEqual({
      model: 'qwen3:8b',
      max_tokens: 64,
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'memory\n\nprompt' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });

  it('gives each result a message of its own, says which failed, and puts text after them', () => {
    const messages: readonly Message[] = [
      user('Hi'),
      {
        role: 'assistant',
        blocks: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool-call', id: 'c1', name: 'look', input: '{"pa' },
        ],
      },
      {
        role: 'user',
        blocks: [
          { type: 'tool-result', id: 'c1', text: 'no such file', failed: true },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ];
    expect(openaiBody(asking({ system: [], messages }), ollama).messages).toEqual([
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'Looking.',
        tool_calls: [
          {
            id: 'c1',
            type: 'function',
            function: { name: 'look', arguments: '{"invalid_arguments":"{\\"pa"}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'Error: no such file' },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  it('hands cache marks to OpenRouter, which passes them on', () => {
    const { messages } = openaiBody(asking(), { provider: 'openrouter', model: 'anthropic/claude-sonnet-5' });
    const cache_control = { type: 'ephemeral' };
    expect(messages).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'memory\n\n', cache_control },
          { type: 'text', text: 'prompt' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control }] },
    ]);
  });

  it('chooses the nearest effort a server knows', () => {
    const effort = (provider: string, model: string) =>
      openaiBody(asking({ effort: 'max' }), { provider, model }).reasoning_effort;
    expect(effort('openai', 'gpt-6-sol')).toBe('max');
    expect(effort('openai', 'gpt-4.1')).toBeUndefined();
    expect(effort('google', 'gemini-3.5-flash')).toBe('high');
    expect(effort('openrouter', 'x/y')).toBe('xhigh');
    expect(openaiBody(asking({ effort: 'xhigh' }), ollama).reasoning_effort).toBe('high');
  });

  it('holds a reply to a schema, strictly where the schema allows it', () => {
    const format = (schema: object) =>
      openaiBody(asking({ output: { name: 'my answer', schema: { ...schema } } }), openai).response_format;
    const closed = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    expect(format(closed)).toEqual({
      type: 'json_schema',
      json_schema: { name: 'my_answer', schema: closed, strict: true },
    });
    for (const open of [
      { ...closed, required: [] },
      { ...closed, additionalProperties: true },
      { ...closed, minProperties: 1 },
    ]) {
      expect(format(open)).toMatchObject({ json_schema: { schema: open, strict: false } });
    }
  });

  it('tells the schema in words to servers that cannot hold a model to it and let it call tools', () => {
    const output = { name: 'o', schema: { type: 'object' } };
    const tools = [
      { name: 'look', purpose: 'Shows a file.', inputSchema: { type: 'object' }, effect: 'read' as const },
    ];
    const words = openaiBody(asking({ output, tools }), ollama);
    expect(words.response_format).toBeUndefined();
    expect(words.messages[0]?.content).toMatch(/^memory\n\nprompt\n\nAnswer with one JSON document/);
    expect(openaiBody(asking({ output, tools }), openai).response_format).toBeDefined();
    expect(openaiBody(asking({ output }), ollama).response_format).toBeDefined();
  });
});
