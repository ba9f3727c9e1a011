import { describe, expect, it } from 'vitest';
import type { JsonSchema, Message, ModelRequest, SystemBlock } from '../../core/index.ts';
import { anthropicBody } from './anthropic-request.ts';

function asking(more: Partial<ModelRequest> = {}): ModelRequest {
  return { lane: 'a', tools: [], system: [], messages: [user('Hi')], outputTokensMax: 64, ...more };
}

const user = (said: string, marked = false): Message => ({
  role: 'user',
  blocks: [{ type: 'text', text: said }],
  ...(marked ? { cacheMark: 'short' } : {}),
});
const assistant = (said: string): Message => ({ role: 'assistant', blocks: [{ type: 'text', text: said }] });
const block = (id: string, marked = false): SystemBlock => ({
  id,
  stability: 'release',
  text: id,
  ...(marked ? { cacheMark: 'short' } : {}),
});
const result = (id: string): Message => ({
  role: 'user',
  blocks: [{ type: 'tool-result', id, text: `of ${id}`, failed: false }],
});

/** The texts that carry a mark, in the order of the prefix. */
function markedTexts(request: ModelRequest): readonly string[] {
  const body = anthropicBody(request, 'claude-sonnet-5');
  const content = body.messages.map((message) => message.content);
  const blocks = [body.system ?? [], ...content].flat() as { text?: string; cache_control?: object }[];
  return blocks.flatMap((each) => (each.cache_control === undefined ? [] : [each.text ?? '']));
}

describe('a request to Anthropic', () => {
  it('is the same bytes whenever it is the same request, and sends no sampling parameters', () => {
    const request = asking({
      system: [block('prompt', true)],
      effort: 'low',
      output: { name: 'o', schema: { type: 'object' } },
    });
    const body = anthropicBody(request, 'claude-sonnet-5');
    expect(JSON.stringify(anthropicBody(structuredClone(request), 'claude-sonnet-5'))).toBe(
      JSON.stringify(body),
    );
    expect(Object.keys(body).sort()).toEqual([
      'max_tokens',
      'messages',
      'model',
      'output_config',
      'stream',
      'system',
    ]);
  });

  it('marks what may be cached', () => {
    const messages = [user('brief'), assistant('ok'), user('now', true)];
    expect(
      markedTexts(
        asking({ system: [block('memory', true), block('prompt'), block('skill', true)], messages }),
      ),
    ).toEqual(['memory', 'skill', 'now']);
  });

  it('never carries more than four marks: surplus leaves the middle of the history first, then of the system part', () => {
    const history = ['1', '2', '3', '4', '5'].flatMap((said) => [user(said, true), assistant('ok')]);
    const system = (...ids: string[]) => ids.map((id) => block(id, true));
    expect(markedTexts(asking({ system: system('a', 'b'), messages: history }))).toEqual([
      'a',
      'b',
      '1',
      '5',
    ]);
    expect(markedTexts(asking({ system: system('a'), messages: history }))).toEqual(['a', '1', '4', '5']);
    expect(markedTexts(asking({ system: system('a', 'b', 'c', 'd', 'e'), messages: history }))).toEqual([
      'a',
      'd',
      'e',
      '5',
    ]);
  });

  it('puts all results of one turn into one user message, before any text', () => {
    const calls: Message = {
      role: 'assistant',
      blocks: ['a', 'b'].map((id) => ({ type: 'tool-call', id, name: 'look', input: {} })),
    };
    const { messages } = anthropicBody(
      asking({ messages: [user('Hi'), calls, result('a'), user('and'), result('b')] }),
      'm',
    );
    expect(messages[2]).toEqual({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: 'of a' },
        { type: 'tool_result', tool_use_id: 'b', content: 'of b' },
        { type: 'text', text: 'and' },
      ],
    });
  });

  it('leaves out what would be refused: blank texts, empty messages and the blocks of other providers', () => {
    const thought = { type: 'opaque' as const, provider: 'openrouter', content: { reasoning: 'hm' } };
    const messages: readonly Message[] = [
      user('Hi'),
      { role: 'assistant', blocks: [thought, { type: 'text', text: ' \n' }] },
      user('?'),
      user(' '),
    ];
    const body = anthropicBody(asking({ system: [{ ...block('x'), text: '' }], messages }), 'm');
    expect(body.system).toBeUndefined();
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: '?' },
        ],
      },
    ]);
  });

  it('sends arguments that were no object, and ids of other servers, in a form that is accepted', () => {
    const call: Message = {
      role: 'assistant',
      blocks: [{ type: 'tool-call', id: 'functions.look:0', name: 'look', input: '{"pa' }],
    };
    const { messages } = anthropicBody(
      asking({ messages: [user('Hi'), call, result('functions.look:0')] }),
      'm',
    );
    expect(messages[1]?.content).toEqual([
      { type: 'tool_use', id: 'functions_look_0', name: 'look', input: { invalid_arguments: '{"pa' } },
    ]);
    expect(messages[2]?.content).toMatchObject([{ tool_use_id: 'functions_look_0' }]);
  });

  it('asks for effort only where a model knows it', () => {
    const config = (model: string) => anthropicBody(asking({ effort: 'high' }), model).output_config;
    for (const model of ['claude-sonnet-5', 'claude-opus-4-6', 'claude-haiku-5-5'])
      expect(config(model)).toEqual({ effort: 'high' });
    for (const model of [
      'claude-haiku-4-5',
      'claude-haiku-4-5-20251001',
      'claude-sonnet-4-5',
      'claude-3-5-haiku-latest',
    ]) {
      expect(config(model)).toBeUndefined();
    }
    expect(anthropicBody(asking(), 'claude-sonnet-5').output_config).toBeUndefined();
  });

  it('closes an output schema and drops bounds that no grammar knows', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: {
        title: { type: 'string', minLength: 3, description: 'Short.' },
        points: {
          type: 'array',
          minItems: 1,
          items: { type: 'object', properties: { score: { type: ['number', 'null'], maximum: 5 } } },
        },
        kind: { oneOf: [{ const: 'a' }, { const: null }] },
      },
      required: ['title'],
    };
    expect(
      anthropicBody(asking({ output: { name: 'o', schema } }), 'm').output_config?.format?.schema,
    ).toEqual({
      type: 'object',
      properties: {
        title: { type: 'string', description: 'Short.' },
        points: {
          type: 'array',
          items: {
            type: 'object',
            properties: { score: { type: ['number', 'null'] } },
            additionalProperties: false,
          },
        },
        kind: { anyOf: [{ const: 'a' }, { const: null }] },
      },
      required: ['title'],
      additionalProperties: false,
    });
  });

  it.each<[string, JsonSchema]>([
    [
      'a map',
      { type: 'object', properties: { by: { type: 'object', additionalProperties: { type: 'string' } } } },
    ],
    ['recursion', { type: 'object', properties: { next: { $ref: '#' } } }],
    ['a list at the top', { type: 'array', items: { type: 'string' } }],
  ])('tells the model the schema in words where it cannot be a grammar: %s', (_, schema) => {
    const body = anthropicBody(
      asking({ system: [block('prompt', true)], output: { name: 'o', schema } }),
      'm',
    );
    expect(body.output_config).toBeUndefined();
    expect(body.system).toMatchObject([
      { text: 'prompt' },
      { text: expect.stringContaining(JSON.stringify(schema)) },
    ]);
  });
});
