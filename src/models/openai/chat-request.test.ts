import { describe, expect, it } from 'vitest';
import type { Message, ModelRequest, SystemBlock } from '../../core/index.ts';
import { type ChatTarget, createChatBody } from './chat-request.ts';

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

const chatBody = (request: ModelRequest, target: ChatTarget) => createChatBody(target)(request);

const openai = { provider: 'openai-chat', model: 'gpt-6-sol' };
const older = { provider: 'openai-chat', model: 'gpt-5.5' };
const ollama = { provider: 'ollama', model: 'qwen3:8b' };

describe('a request to an OpenAI-compatible server', () => {
  it('is the same bytes whenever it is the same request, and sends no sampling parameters', () => {
    const body = chatBody(asking({ effort: 'low' }), openai);
    expect(JSON.stringify(chatBody(structuredClone(asking({ effort: 'low' })), openai))).toBe(
      JSON.stringify(body),
    );
    expect(body).toEqual({
      model: 'gpt-6-sol',
      max_completion_tokens: 64,
      stream: true,
      stream_options: { include_usage: true },
      prompt_cache_key: expect.stringMatching(/^[0-9a-f]{32}$/),
      messages: [
        {
          role: 'system',
          content: [
            { type: 'text', text: 'memory\n\n', prompt_cache_breakpoint: { mode: 'explicit' } },
            { type: 'text', text: 'prompt' },
          ],
        },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
      reasoning_effort: 'low',
    });
  });

  it('marks what a cache should keep, in a way that changes nothing else of the conversation', () => {
    const results: Message = {
      role: 'user',
      blocks: [{ type: 'tool-result', id: 'c1', text: 'four', failed: false }],
      cacheMark: 'long',
    };
    const call: Message = {
      role: 'assistant',
      blocks: [{ type: 'tool-call', id: 'c1', name: 'look', input: {} }],
    };
    const bodyOf = createChatBody(openai);
    const last = bodyOf(asking({ system: [], messages: [user('Hi'), call, results] })).messages;
    expect(last.at(-1)).toEqual({
      role: 'tool',
      tool_call_id: 'c1',
      content: [{ type: 'text', text: 'four', prompt_cache_breakpoint: { mode: 'explicit' } }],
    });
    const unmarked = [user('Hi'), call, { role: 'user' as const, blocks: results.blocks }];
    expect(JSON.stringify(bodyOf(asking({ system: [], messages: unmarked })).messages)).toBe(
      JSON.stringify(last).replace(',"prompt_cache_breakpoint":{"mode":"explicit"}', ''),
    );
  });

  it('leaves the end of the conversation to the breakpoint that OpenAI sets there itself', () => {
    const [, asked] = chatBody(asking(), openai).messages;
    expect(JSON.stringify(asked)).not.toContain('prompt_cache_breakpoint');
  });

  it('sends models before GPT-5.6 plain text, which they cache by themselves', () => {
    expect(chatBody(asking(), older).messages).toEqual([
      { role: 'system', content: 'memory\n\nprompt' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  it('shows images where they stand between texts', () => {
    const message: Message = {
      role: 'user',
      blocks: [
        { type: 'text', text: 'Before' },
        { type: 'image', mediaType: 'image/png', base64: 'aGk=' },
        { type: 'text', text: 'After' },
      ],
    };
    expect(chatBody(asking({ system: [], messages: [message] }), ollama).messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Before\n\n' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          { type: 'text', text: 'After' },
        ],
      },
    ]);
  });

  it('writes each message once, and neighbouring user messages together', () => {
    const bodyOf = createChatBody(ollama);
    const messages = [user('One'), user('Two')];
    const [, joined] = bodyOf(asking({ messages })).messages;
    expect(joined).toEqual({ role: 'user', content: 'One\n\nTwo' });
    const first = bodyOf(asking({ system: [], messages: [user('One')] }));
    const [one] = messages;
    if (one === undefined) throw new Error('no message');
    const again = () => bodyOf(asking({ system: [], messages: [one] })).messages[0];
    expect(again()).toEqual(first.messages[0]);
    expect(again()).toBe(again());
  });

  it('shares a cache key between jobs, not between agents', () => {
    const key = (request: ModelRequest) => chatBody(request, openai).prompt_cache_key;
    expect(key(asking({ lane: 'b', messages: [user('Another brief')] }))).toBe(key(asking()));
    expect(key(asking({ system: [block('other')] }))).not.toBe(key(asking()));
  });

  it('uses the names that other servers know', () => {
    expect(chatBody(asking(), ollama)).toEqual({
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
    expect(chatBody(asking({ system: [], messages }), ollama).messages).toEqual([
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
    const { messages } = chatBody(asking(), { provider: 'openrouter', model: 'anthropic/claude-sonnet-5' });
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

  it('tells a model not to think in the words of its server, or not at all', () => {
    const silent = (provider: string, model = 'x') =>
      chatBody(asking({ system: [], messages: [], thinkingTokensMax: 0 }), { provider, model });
    expect(silent('ollama')).toMatchObject({ reasoning_effort: 'none' });
    expect(silent('openai-chat', 'gpt-6-sol')).toMatchObject({ reasoning_effort: 'none' });
    expect(silent('openai-chat', 'gpt-5')).not.toHaveProperty('reasoning_effort');
    expect(silent('openai-chat', 'gpt-4.1')).not.toHaveProperty('reasoning_effort');
    expect(silent('vllm')).toMatchObject({ chat_template_kwargs: { enable_thinking: false } });
    expect(silent('openrouter')).toMatchObject({ reasoning: { enabled: false } });
    expect(Object.keys(silent('acme'))).toEqual([
      'model',
      'max_tokens',
      'stream',
      'stream_options',
      'messages',
    ]);
  });

  it('allows the thinking that was asked for, on top of the answer, where a server takes a budget', () => {
    const thinking = (provider: string, model: string) =>
      chatBody(asking({ system: [], messages: [], thinkingTokensMax: 2000 }), { provider, model });
    expect(thinking('openrouter', 'x/y')).toMatchObject({
      max_tokens: 2064,
      reasoning: { max_tokens: 2000 },
    });
    expect(thinking('google', 'gemini-2.5-flash')).toMatchObject({
      max_tokens: 2064,
      extra_body: { google: { thinking_config: { thinking_budget: 2000 } } },
    });
    expect(thinking('openai-chat', 'gpt-6-sol')).toMatchObject({ max_completion_tokens: 64 });
  });

  it('chooses the nearest effort a server knows', () => {
    const effort = (provider: string, model: string) =>
      chatBody(asking({ effort: 'max' }), { provider, model }).reasoning_effort;
    expect(effort('openai-chat', 'gpt-6-sol')).toBe('max');
    expect(effort('openai-chat', 'gpt-4.1')).toBeUndefined();
    expect(effort('google', 'gemini-3.5-flash')).toBe('high');
    expect(effort('openrouter', 'x/y')).toBe('xhigh');
    expect(chatBody(asking({ effort: 'xhigh' }), ollama).reasoning_effort).toBe('high');
  });

  it('holds a reply to a schema, strictly where the schema allows it', () => {
    const format = (schema: object) =>
      chatBody(asking({ output: { name: 'my answer', schema: { ...schema } } }), openai).response_format;
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
    const words = chatBody(asking({ output, tools }), ollama);
    expect(words.response_format).toBeUndefined();
    expect(words.messages[0]?.content).toMatch(/^memory\n\nprompt\n\nAnswer with one JSON document/);
    expect(chatBody(asking({ output, tools }), openai).response_format).toBeDefined();
    expect(chatBody(asking({ output }), ollama).response_format).toBeDefined();
    const never = chatBody(asking({ output }), { provider: 'deepseek', model: 'deepseek-v4-flash' });
    expect(never.response_format).toBeUndefined();
    expect(never.messages[0]?.content).toContain('JSON Schema');
  });
});
