import { describe, expect, it } from 'vitest';
import type { CacheLife, Message, ModelRequest, SystemBlock } from '../../core/index.ts';
import { createResponsesBody } from './responses-request.ts';

const user = (said: string, cacheMark?: CacheLife): Message => ({
  role: 'user',
  blocks: [{ type: 'text', text: said }],
  ...(cacheMark === undefined ? {} : { cacheMark }),
});
const block = (text: string, cacheMark?: CacheLife): SystemBlock => ({
  id: text,
  stability: 'release',
  text,
  ...(cacheMark === undefined ? {} : { cacheMark }),
});

function asking(more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    lane: 'a',
    tools: [],
    system: [block('memory', 'long'), block('prompt', 'short')],
    messages: [user('Hi', 'short')],
    outputTokensMax: 64,
    ...more,
  };
}

const body = (request: ModelRequest, model = 'gpt-6-sol', provider = 'openai') =>
  createResponsesBody({ provider, model })(request);

const look = {
  name: 'look',
  purpose: 'Shows a file.',
  inputSchema: { type: 'object' },
  effect: 'read' as const,
};

describe('a request to the Responses API', () => {
  it('keeps nothing there, and is the same bytes whenever it is the same request', () => {
    const request = asking({ effort: 'low', tools: [look] });
    expect(JSON.stringify(body(structuredClone(request)))).toBe(JSON.stringify(body(request)));
    expect(body(request)).toEqual({
      model: 'gpt-6-sol',
      max_output_tokens: 64,
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: expect.stringMatching(/^[0-9a-f]{32}$/),
      tools: [
        {
          type: 'function',
          name: 'look',
          description: 'Shows a file.',
          parameters: { type: 'object' },
          strict: false,
        },
      ],
      input: [
        {
          type: 'message',
          role: 'developer',
          content: [
            {
              type: 'input_text',
              text: 'memory\n\n',
              prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' },
            },
            { type: 'input_text', text: 'prompt', prompt_cache_breakpoint: { mode: 'explicit' } },
          ],
        },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      ],
      reasoning: { effort: 'low' },
    });
  });

  it('marks the end of the conversation only where it should be kept for hours', () => {
    const last = (life: CacheLife) => body(asking({ messages: [user('Hi', life)] })).input?.at(-1);
    expect(JSON.stringify(last('short'))).not.toContain('prompt_cache_breakpoint');
    expect(last('long')).toMatchObject({
      content: [{ prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } }],
    });
  });

  it('sends no marks to models before GPT-5.6, nor to deployments whose model is not known', () => {
    expect(JSON.stringify(body(asking(), 'gpt-5.5'))).not.toContain('prompt_cache_breakpoint');
    expect(JSON.stringify(body(asking(), 'gpt-6-sol', 'azure'))).not.toContain('prompt_cache_breakpoint');
  });

  it('asks models that do not think for nothing that belongs to thinking', () => {
    const plain = body(asking({ effort: 'high', thinkingTokensMax: 0 }), 'gpt-4.1');
    expect(plain).not.toHaveProperty('include');
    expect(plain).not.toHaveProperty('reasoning');
    expect(body(asking(), 'gpt-4o', 'azure')).not.toHaveProperty('include');
    expect(body(asking(), 'of-my-own', 'azure')).not.toHaveProperty('include');
    expect(body(asking(), 'gpt-5.5', 'azure')).toHaveProperty('include');
  });

  it('ends no turn in reasoning that was cut', () => {
    const thought = {
      type: 'opaque' as const,
      provider: 'openai',
      content: { type: 'reasoning', id: 'rs_1' },
    };
    const spoken: Message = { role: 'assistant', blocks: [{ type: 'text', text: 'Looking' }, thought] };
    const types = (
      body(asking({ system: [], messages: [user('Hi'), spoken, user('Go on')] })).input as { type: string }[]
    ).map(({ type }) => type);
    expect(types).toEqual(['message', 'message', 'message']);
  });

  it('tells a model not to think where it can be told', () => {
    const effort = (model: string) => body(asking({ thinkingTokensMax: 0 }), model).reasoning?.effort;
    expect([effort('gpt-6-sol'), effort('gpt-5')]).toEqual(['none', undefined]);
  });

  it('never asks for a shorter answer than the API takes', () => {
    expect(body(asking({ outputTokensMax: 1 })).max_output_tokens).toBe(16);
  });

  it('holds a reply to a schema, strictly where the schema allows it', () => {
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const format = (more: object) =>
      body(asking({ output: { name: 'my answer', schema: { ...schema, ...more } } })).text?.format;
    expect(format({})).toEqual({ type: 'json_schema', name: 'my_answer', schema, strict: true });
    expect(format({ additionalProperties: true })).toMatchObject({ strict: false });
    const holding = (x: object) => format({ properties: { x }, required: ['x'] });
    expect(holding({ type: ['object', 'null'], properties: { a: { type: 'string' } } })).toMatchObject({
      strict: false,
    });
    expect(holding({ description: 'Anything.' })).toMatchObject({ strict: false });
    expect(holding({ enum: ['a'] })).toMatchObject({ strict: true });
  });

  it('shows images where they stand between texts', () => {
    const message: Message = {
      role: 'user',
      blocks: [
        { type: 'tool-result', id: 'c1', text: 'four', failed: false },
        { type: 'text', text: 'See' },
        { type: 'image', mediaType: 'image/png', base64: 'aGk=' },
      ],
    };
    expect(body(asking({ system: [], messages: [message] })).input).toEqual([
      { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: 'four' }] },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'See\n\n' },
          { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'auto' },
        ],
      },
    ]);
  });

  it('shares a cache key between jobs, not between agents', () => {
    const keyOf = createResponsesBody({ provider: 'openai', model: 'gpt-6-sol' });
    const key = (request: ModelRequest) => keyOf(request).prompt_cache_key;
    expect(key(asking({ lane: 'b', messages: [user('Another brief')] }))).toBe(key(asking()));
    expect(key(asking({ system: [block('other')] }))).not.toBe(key(asking()));
    expect(key(asking({ tools: [look] }))).not.toBe(key(asking()));
  });
});
