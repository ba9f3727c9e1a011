import { describe, expect, it } from 'vitest';
import type { Json } from '../../core/index.ts';
import { messageFault } from './check-body.ts';
import { messageBodySchema } from './message-body.ts';
import { rulesOf } from './model-rules.ts';
import { readShape } from './read-shape.ts';
import { signatureOf } from './signature.ts';

type Fields = { readonly [name: string]: Json };

/** What is said of a request that is fine but for these fields; null: nothing is wrong with it. */
function complaint(fields: Fields, version = '2026-10-21'): string | null {
  const all = { model: 'claude-sonnet-5', max_tokens: 1000, messages: [user('Hi.')], ...fields };
  const body = JSON.parse(JSON.stringify(all));
  const shaped = readShape(messageBodySchema, body);
  if (!shaped.ok) return shaped.fault.message;
  const { model } = shaped.value;
  const known = {
    provider: 'anthropic',
    name: model,
    contextTokensMax: 200_000,
    outputTokensMax: 64_000,
  } as const;
  return (
    messageFault(shaped.value, { model: known, rules: rulesOf(model), version, batch: false })?.message ??
    null
  );
}

const user = (content: Json) => ({ role: 'user', content });
const assistant = (content: Json) => ({ role: 'assistant', content });
const text = (said: string, more: Fields = {}) => ({ type: 'text', text: said, ...more });
const call = (id: string) => ({ type: 'tool_use', id, name: 'a', input: {} });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const mark = (ttl?: string) => ({
  cache_control: { type: 'ephemeral', ...(ttl === undefined ? {} : { ttl }) },
});
const tool = { name: 'a', input_schema: { type: 'object' } };
const marked = (count: number) => Array.from({ length: count }, () => text('word', mark()));

describe('the shape of a request', () => {
  it.each<[string, Fields]>([
    ['messages: Field required', { messages: undefined as unknown as Json }],
    ['max_tokens: Input should be a valid integer', { max_tokens: '5' }],
    ['max_tokens: Input should be greater than or equal to 0', { max_tokens: -1 }],
    ['messages: List should have at least 1 item after validation', { messages: [] }],
    [
      "messages.0.role: Input should be 'user' or 'assistant' or 'system'",
      { messages: [{ role: 'me', content: '' }] },
    ],
    ['messages.0.content: Field required', { messages: [{ role: 'user' }] }],
    ['messages.0.content: Input should be a valid string', { messages: [user(5)] }],
    ['messages.0.content.0.text.text: Field required', { messages: [user([{ type: 'text' }])] }],
    [
      'messages.0.content.0.text.colour: Extra inputs are not permitted',
      { messages: [user([text('a', { colour: 'red' })])] },
    ],
    ["messages.0.content.0: Unable to extract tag using discriminator 'type'", { messages: [user([{}])] }],
    ['wishes: Extra inputs are not permitted', { wishes: 1 }],
    ['tools.0.custom.input_schema: Field required', { tools: [{ name: 'a' }] }],
    ['tools.0.custom.input_schema.type: Field required', { tools: [{ name: 'a', input_schema: {} }] }],
    [
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
      { thinking: { type: 'enabled', budget_tokens: 10 } },
    ],
  ])('says "%s"', (message, fields) => {
    expect(complaint(fields)).toBe(message);
  });

  it('names the kinds of blocks there are where it knows none of a kind', () => {
    expect(complaint({ messages: [user([{ type: 'sound' }])] })).toMatch(
      /^messages\.0\.content\.0: Input tag 'sound' found using 'type' does not match any of the expected tags: 'text', /,
    );
  });
});

describe('a conversation', () => {
  it.each<[RegExp, readonly Json[]]>([
    [
      /^messages\.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1\./,
      [user('a'), assistant([call('t1')]), user('b')],
    ],
    [
      /without `tool_result` blocks immediately after: t2\./,
      [user('a'), assistant([call('t1'), call('t2')]), user([result('t1'), text('b'), result('t2')])],
    ],
    [
      /^messages\.0\.content\.0: unexpected `tool_use_id` found in `tool_result` blocks: t1\./,
      [user([result('t1')])],
    ],
    [
      /each tool_use must have a single result/,
      [user('a'), assistant([call('t1')]), user([result('t1'), result('t1')])],
    ],
    [/`tool_use` ids must be unique/, [user('a'), assistant([call('t1'), call('t1')]), user([result('t1')])]],
    [/`tool_use` blocks can only be in `assistant` messages/, [user([call('t1')])]],
    [/text content blocks must be non-empty/, [user([text('a'), text('')])]],
    [/^messages\.0: all messages must have non-empty content/, [user('')]],
    [/first message must use the "user" role/, [assistant('a'), user('b')]],
    [
      /^This model does not support assistant message prefill\. The conversation must end/,
      [user('a'), assistant('b')],
    ],
    [/role 'system' is not supported on this model/, [user('a'), { role: 'system', content: 'b' }]],
    [
      /Invalid `signature` in `thinking` block/,
      [user('a'), assistant([{ type: 'thinking', thinking: 'x', signature: 'y' }]), user('b')],
    ],
  ])('is refused with %s', (message, messages) => {
    expect(complaint({ messages })).toMatch(message);
  });

  it.each<[string, Fields]>([
    [
      'results in messages of their own',
      {
        messages: [
          user('a'),
          assistant([call('t1'), call('t2')]),
          user([result('t1')]),
          user([result('t2'), text('b')]),
        ],
      },
    ],
    [
      'signed thinking',
      {
        messages: [
          user('a'),
          assistant([{ type: 'thinking', thinking: 'x', signature: signatureOf('x') }, text('y')]),
          user('b'),
        ],
      },
    ],
    ['a prefill up to 4.5', { model: 'claude-haiku-4-5', messages: [user('a'), assistant('b')] }],
    [
      'system messages in the middle on models that know them',
      { model: 'claude-opus-5', messages: [user('a'), { role: 'system', content: 'b' }] },
    ],
  ])('may have %s', (_, fields) => {
    expect(complaint(fields)).toBeNull();
  });
});

describe('cache breakpoints', () => {
  it.each<[string, Fields]>([
    ['A maximum of 4 blocks with cache_control may be provided. Found 5.', { messages: [user(marked(5))] }],
    [
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
      { messages: [user([...marked(4), text('x')])], ...mark() },
    ],
    [
      'messages.0.content.0.text: cache_control cannot be set for empty text blocks',
      { messages: [user([text('', mark())])] },
    ],
    [
      'messages.1.content.0.thinking.cache_control: Extra inputs are not permitted',
      { messages: [user('a'), assistant([{ type: 'thinking', thinking: '', signature: '', ...mark() }])] },
    ],
    [
      "cache_control: ttl='1h' conflicts with the ttl='5m' of the last cacheable block.",
      { messages: [user(marked(1))], ...mark('1h') },
    ],
  ])('say "%s"', (message, fields) => {
    expect(complaint(fields)).toBe(message);
  });

  it('of one hour must come before those of five minutes, in the order tools, system, messages', () => {
    const short = [{ ...tool, ...mark() }];
    const long = [text('a', mark('1h'))];
    expect(complaint({ tools: short, system: long })).toMatch(/^system\.0\.cache_control\.ttl: a ttl='1h'/);
    expect(complaint({ tools: [{ ...tool, ...mark('1h') }], system: [text('a', mark())] })).toBeNull();
  });

  it('count inside tool results, and once where automatic caching meets its own mark', () => {
    const nested = { ...result('t1'), content: marked(5) };
    expect(complaint({ messages: [user('a'), assistant([call('t1')]), user([nested])] })).toMatch(/Found 5/);
    expect(complaint({ messages: [user(marked(4))], ...mark() })).toBeNull();
  });
});

describe('a model', () => {
  const enabled = { thinking: { type: 'enabled', budget_tokens: 1024 } };
  const adaptive = { thinking: { type: 'adaptive' } };
  const disabled = { thinking: { type: 'disabled' } };
  const forced = { tools: [tool], tool_choice: { type: 'any' } };

  it.each<[string, RegExp, Fields]>([
    [
      'claude-sonnet-5',
      /^"thinking\.type\.enabled" is not supported for this model\. Use/,
      { ...enabled, max_tokens: 2000 },
    ],
    ['claude-haiku-4-5', /^adaptive thinking is not supported on this model$/, adaptive],
    ['claude-opus-5-5', /^"thinking\.type\.disabled" is not supported/, disabled],
    [
      'claude-opus-5',
      /disabled" is only supported for this model up to/,
      { ...disabled, output_config: { effort: 'max' } },
    ],
    ['claude-haiku-4-5', /does not support the effort parameter/, { output_config: { effort: 'low' } }],
    ['claude-fable-5-1', /^tool_choice: type "tool" and "any" are not supported for this model\.$/, forced],
    [
      'claude-sonnet-5',
      /^Thinking may not be enabled when tool_choice forces tool use/,
      { ...forced, ...adaptive },
    ],
    ['claude-sonnet-5', /Tool 'b' not found/, { ...forced, tool_choice: { type: 'tool', name: 'b' } }],
    ['claude-sonnet-5', /only be specified while providing tools/, { tool_choice: { type: 'auto' } }],
    ['claude-sonnet-5', /Tool names must be unique/, { tools: [tool, tool] }],
    ['claude-sonnet-5', /^max_tokens: 64001 > 64000, which is the maximum/, { max_tokens: 64_001 }],
    ['claude-sonnet-4-6', /`max_tokens` must be greater than `thinking\.budget_tokens`/, enabled],
    ['claude-sonnet-5', /^max_tokens: 0 cannot be combined with `stream`$/, { max_tokens: 0, stream: true }],
  ])('%s says %s', (model, message, fields) => {
    expect(complaint({ model, ...fields })).toMatch(message);
  });

  it.each<[string, Fields]>([
    ['claude-opus-4-6', { ...enabled, max_tokens: 2000 }],
    ['claude-opus-4-6', adaptive],
    ['claude-opus-5', { ...disabled, output_config: { effort: 'high' } }],
    ['claude-sonnet-5-5', { thinking: { type: 'between_tools' } }],
    ['claude-opus-5', forced],
  ])('%s takes %j', (model, fields) => {
    expect(complaint({ model, ...fields })).toBeNull();
  });
});

describe('a version', () => {
  it.each(['temperature', 'top_p', 'top_k'])('of 2026-10-21 knows no %s, the one before does', (name) => {
    expect(complaint({ [name]: 1 })).toBe(`${name}: Extra inputs are not permitted`);
    expect(complaint({ [name]: 1 }, '2023-06-01')).toBeNull();
  });
});
