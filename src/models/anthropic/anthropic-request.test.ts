import { describe, expect, it } from 'vitest';
import type {
  CacheLife,
  Effort,
  ImageBlock,
  JsonSchema,
  Message,
  ModelRequest,
  SystemBlock,
} from '../../core/index.ts';
import { createAnthropicBody } from './anthropic-request.ts';

const anthropicBody = (request: ModelRequest, model: string) => createAnthropicBody(model)(request);

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

function optional(count: number): { readonly [name: string]: JsonSchema } {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { type: 'string' }]));
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
    expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model', 'output_config', 'system']);
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

  it('asks for effort only where a model knows it, and for the nearest it knows', () => {
    const effort = (model: string, wanted: Effort = 'high') =>
      anthropicBody(asking({ effort: wanted }), model).output_config?.effort;
    for (const model of ['claude-sonnet-5', 'claude-opus-4-5', 'claude-haiku-5-5', 'of-my-own']) {
      expect(effort(model)).toBe('high');
    }
    for (const model of [
      'claude-haiku-4-5',
      'anthropic.claude-haiku-4-5',
      'claude-sonnet-4-5-20250929',
      'claude-3-5-haiku-latest',
    ]) {
      expect(effort(model)).toBeUndefined();
    }
    expect([effort('claude-opus-4-6', 'xhigh'), effort('claude-opus-4-5', 'max')]).toEqual(['high', 'high']);
    expect(anthropicBody(asking(), 'claude-sonnet-5').output_config).toBeUndefined();
  });

  it.each<[string, Partial<ModelRequest>, object | undefined]>([
    ['claude-sonnet-5', { effort: 'low' }, undefined],
    ['claude-opus-4-8', { effort: 'low' }, { type: 'adaptive' }],
    ['claude-opus-4-8', {}, undefined],
    ['claude-haiku-4-5', { thinkingTokensMax: 2048 }, { type: 'enabled', budget_tokens: 2048 }],
    ['claude-opus-4-5', { thinkingTokensMax: 100 }, { type: 'enabled', budget_tokens: 1024 }],
    ['claude-sonnet-5', { thinkingTokensMax: 2048 }, undefined],
    ['claude-sonnet-5', { thinkingTokensMax: 0 }, { type: 'disabled' }],
    ['claude-sonnet-5-5', { thinkingTokensMax: 0 }, { type: 'between_tools' }],
    ['claude-opus-5', { thinkingTokensMax: 0, effort: 'high' }, { type: 'disabled' }],
    ['claude-opus-5', { thinkingTokensMax: 0, effort: 'max' }, undefined],
    ['claude-opus-5-5', { thinkingTokensMax: 0 }, undefined],
    ['claude-opus-4-8', { thinkingTokensMax: 0, effort: 'high' }, undefined],
    ['claude-haiku-4-5', { thinkingTokensMax: 0 }, undefined],
    ['of-my-own', { thinkingTokensMax: 0 }, { type: 'disabled' }],
    ['of-my-own', { thinkingTokensMax: 500 }, { type: 'enabled', budget_tokens: 500 }],
  ])('says how to think only in words that a model takes: %s, %j', (model, settings, thinking) => {
    expect(anthropicBody(asking(settings), model).thinking).toEqual(thinking);
  });

  it('leaves thinking out of a turn that another provider’s model began', () => {
    const call: Message = {
      role: 'assistant',
      blocks: [{ type: 'tool-call', id: 'a', name: 'look', input: {} }],
    };
    const thought: Message = {
      role: 'assistant',
      blocks: [
        { type: 'opaque', provider: 'anthropic', content: { type: 'thinking' } },
        ...(call.blocks as []),
      ],
    };
    const thinking = (turn: Message) =>
      anthropicBody(
        asking({ messages: [user('Hi'), turn, result('a')], thinkingTokensMax: 2048 }),
        'claude-haiku-4-5',
      ).thinking;
    expect(thinking(call)).toBeUndefined();
    expect(thinking(thought)).toMatchObject({ type: 'enabled' });
  });

  it('gives thinking room on top of the answer, within what the model may write', () => {
    const sent = (outputTokensMax: number, thinkingTokensMax?: number) => {
      const more = thinkingTokensMax === undefined ? {} : { thinkingTokensMax };
      const { max_tokens, thinking } = anthropicBody(
        asking({ outputTokensMax, ...more }),
        'claude-haiku-4-5',
      );
      return [max_tokens, thinking?.type === 'enabled' ? thinking.budget_tokens : null];
    };
    expect(sent(4000)).toEqual([4000, null]);
    expect(sent(100_000)).toEqual([64_000, null]);
    expect(sent(4000, 8000)).toEqual([12_000, 8000]);
  });

  it('keeps a thinking budget the same however little is left of the run', () => {
    const budgets = (thinkingTokensMax: number) =>
      [60_000, 32_000, 27_000, 500].map((outputTokensMax) => {
        const { max_tokens, thinking } = anthropicBody(
          asking({ outputTokensMax, thinkingTokensMax }),
          'claude-haiku-4-5',
        );
        const budget = thinking?.type === 'enabled' ? thinking.budget_tokens : 0;
        expect(max_tokens).toBeGreaterThan(budget);
        return budget;
      });
    expect(new Set(budgets(16_000))).toEqual(new Set([16_000]));
    expect(new Set(budgets(63_500))).toEqual(new Set([62_976]));
  });

  it('ends no assistant message in thinking that was cut', () => {
    const thought = (thinking: string) => ({
      type: 'opaque' as const,
      provider: 'anthropic',
      content: { type: 'thinking', thinking, signature: thinking },
    });
    const spoken: Message = {
      role: 'assistant',
      blocks: [thought('first'), { type: 'text', text: 'Let me look.' }, thought('cut')],
    };
    const { messages } = anthropicBody(
      asking({ messages: [user('Hi'), spoken, user('Go on')] }),
      'claude-opus-5-5',
    );
    expect(messages[1]?.content).toMatchObject([{ thinking: 'first' }, { text: 'Let me look.' }]);
  });

  it('sends images where they were written, also as the last block before a mark', () => {
    const image: ImageBlock = { type: 'image', mediaType: 'image/png', base64: 'iVBORw==' };
    const look: Message = {
      role: 'user',
      blocks: [image, { type: 'text', text: 'or' }, image],
      cacheMark: 'short',
    };
    const { messages } = anthropicBody(asking({ messages: [user('Which one:'), look] }), 'claude-sonnet-5');
    const source = { type: 'base64', media_type: 'image/png', data: 'iVBORw==' };
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Which one:' },
          { type: 'image', source },
          { type: 'text', text: 'or' },
          { type: 'image', source, cache_control: { type: 'ephemeral' } },
        ],
      },
    ]);
  });

  it('makes a mark long where a long one follows, as the other order is refused', () => {
    const mark = (said: string, cacheMark: CacheLife): Message => ({ ...user(said), cacheMark }) as Message;
    const lives = (system: readonly CacheLife[], messages: readonly CacheLife[]) => {
      const body = anthropicBody(
        asking({
          system: system.map((cacheMark, index) => ({ ...block(`s${index}`), cacheMark })),
          messages: messages.flatMap((life) => [mark('said', life), assistant('ok')]),
        }),
        'claude-sonnet-5',
      );
      const content = [body.system ?? [], ...body.messages.map((message) => message.content)].flat();
      return content.flatMap((each) => {
        const { cache_control } = each as { cache_control?: { ttl?: string } };
        return cache_control === undefined ? [] : [cache_control.ttl ?? '5m'];
      });
    };
    expect(lives(['long', 'short'], ['short'])).toEqual(['1h', '5m', '5m']);
    expect(lives(['short', 'long'], ['short'])).toEqual(['1h', '1h', '5m']);
    expect(lives(['short'], ['short', 'long', 'short'])).toEqual(['1h', '1h', '1h', '5m']);
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
        source: { type: ['object', 'null'], properties: { line: { type: 'number' } } },
        nothing: { type: 'object', additionalProperties: false },
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
        source: {
          type: ['object', 'null'],
          properties: { line: { type: 'number' } },
          additionalProperties: false,
        },
        nothing: { type: 'object', additionalProperties: false },
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
    ['an object of anything', { type: 'object', properties: { meta: { type: 'object' } } }],
    ['too many optional properties', { type: 'object', properties: optional(25) }],
    [
      'too many optional properties in all',
      {
        type: 'object',
        required: ['x'],
        properties: { x: { type: 'object', properties: optional(20) }, ...optional(5) },
      },
    ],
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
