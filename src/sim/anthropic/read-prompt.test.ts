import { describe, expect, it } from 'vitest';
import { toolEffectOf } from '../server/tool-effect.ts';
import { countBodySchema } from './message-body.ts';
import { rulesOf } from './model-rules.ts';
import { readCaching, readPrompt } from './read-prompt.ts';
import { readShape } from './read-shape.ts';
import { signatureOf } from './signature.ts';

const bodyOf = (fields: object) => {
  const shaped = readShape(
    countBodySchema,
    JSON.parse(
      JSON.stringify({ model: 'claude-sonnet-5', messages: [{ role: 'user', content: 'a' }], ...fields }),
    ),
  );
  if (!shaped.ok) throw new Error(shaped.fault.message);
  return shaped.value;
};

const partsOf = (fields: object, model = 'claude-sonnet-5') =>
  readPrompt(bodyOf(fields), { rules: rulesOf(model), countTokens: (text) => text.length });

const saltsOf = (fields: object) => readCaching(bodyOf(fields), rulesOf('claude-sonnet-5'), 'w').salts;

describe('the parts of a prompt', () => {
  it('are tools, system blocks and content blocks, in this order', () => {
    const parts = partsOf({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'n', input: { b: 1, a: 2 } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: 'r' },
            { type: 'text', text: 'x' },
          ],
        },
      ],
      system: 'be good',
      tools: [{ name: 'n', input_schema: { type: 'object' } }],
    });
    expect(parts.map(({ level, run }) => [level, run])).toEqual([
      ['tools', null],
      ['system', null],
      ['messages', null],
      ['messages', 'tool_use'],
      ['messages', 'tool_result'],
      ['messages', null],
    ]);
    // The client's own order of keys stands.
    expect(parts[3]?.content).toContain('{"b":1,"a":2}');
  });

  it('count the prompt that comes with the first tool', () => {
    const tool = { name: 'n', input_schema: { type: 'object' } };
    const [one, two] = partsOf({ tools: [tool, { ...tool, name: 'm' }] });
    expect((one?.tokens ?? 0) - (two?.tokens ?? 0)).toBe(354);
  });

  it('leave old thinking out for models that do', () => {
    const thought = { type: 'thinking', thinking: 'hm', signature: signatureOf('hm') };
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [thought, { type: 'text', text: 'b' }] },
      { role: 'user', content: 'c' },
    ];
    expect(partsOf({ messages })).toHaveLength(4);
    expect(partsOf({ messages }, 'claude-haiku-4-5')).toHaveLength(3);
    expect(partsOf({ messages })[1]).toMatchObject({ cacheable: false, tokens: 6 });
  });

  it('count a picture, wherever it stands', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    const image = { type: 'image', source };
    const [alone] = partsOf({ messages: [{ role: 'user', content: [image] }] });
    expect(alone?.tokens).toBe(1607);
    expect(saltsOf({ messages: [{ role: 'user', content: [image] }] }).messages).not.toBe(
      saltsOf({}).messages,
    );
  });
});

describe('what makes equal prompts differ', () => {
  it('is a tool choice or an effort for the messages, a format for everything', () => {
    const plain = saltsOf({});
    const choice = saltsOf({ tool_choice: { type: 'none' } });
    expect([choice.tools, choice.system]).toEqual([plain.tools, plain.system]);
    expect(choice.messages).not.toBe(plain.messages);
    expect(saltsOf({ output_config: { effort: 'low' } }).messages).not.toBe(plain.messages);
    const format = { type: 'json_schema', schema: { type: 'object' } };
    expect(saltsOf({ output_config: { format } }).tools).not.toBe(plain.tools);
  });

  it('is never a default that is said aloud', () => {
    const aloud = {
      tool_choice: { type: 'auto' },
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    };
    expect(saltsOf(aloud)).toEqual(saltsOf({}));
  });
});

describe('a tool of the wire', () => {
  it('is taken to reach outside, unless it is known or said to be read-only', () => {
    expect(toolEffectOf('read_file', '')).toBe('read');
    expect(toolEffectOf('delegate', 'Read-only.')).toBe('write');
    expect(toolEffectOf('send_mail', 'Reads out a mail to everyone.')).toBe('outside');
    expect(toolEffectOf('find_price', 'Finds a price. Read-only.')).toBe('read');
    expect(toolEffectOf('toString', '')).toBe('outside');
  });
});
