import { afterEach, describe, expect, it } from 'vitest';
import { hello, openBench, says, type TestBench } from './testing.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(profile: object): Promise<TestBench> {
  const bench = await openBench(profile);
  closers.push(bench.simulator.close);
  return bench;
}

describe('prompt caching', () => {
  const system = [
    { type: 'text' as const, text: 'word '.repeat(200), cache_control: { type: 'ephemeral' as const } },
  ];

  it('writes at a breakpoint and reads from it, and the parts sum up to what is counted', async () => {
    const { client } = await open(says('Hello.'));
    const { model, messages } = hello;
    const counted = await client.messages.countTokens({ model, messages, system });
    const first = await client.messages.create({ ...hello, system });
    const second = await client.messages.create({ ...hello, system });
    // 1,000 characters are 250 tokens, and 4 set them apart.
    expect(first.usage).toMatchObject({
      input_tokens: 10,
      cache_creation_input_tokens: 254,
      cache_creation: { ephemeral_5m_input_tokens: 254, ephemeral_1h_input_tokens: 0 },
      cache_read_input_tokens: 0,
    });
    expect(second.usage).toMatchObject({
      input_tokens: 10,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 254,
    });
    expect(counted.input_tokens).toBe(264);
  });

  it('fills the cache without output for a request of no tokens', async () => {
    const { client } = await open(says('Never said.'));
    const warm = await client.messages.create({ ...hello, system, max_tokens: 0 });
    expect(warm).toMatchObject({
      content: [],
      stop_reason: 'max_tokens',
      usage: { output_tokens: 0, cache_creation_input_tokens: 254 },
    });
    expect((await client.messages.create({ ...hello, system })).usage.cache_read_input_tokens).toBe(254);
  });

  it('moves its own breakpoint along a growing conversation', async () => {
    const { client } = await open(says('Hello.'));
    const cached = { ...hello, cache_control: { type: 'ephemeral' as const } };
    const long = { role: 'user' as const, content: 'word '.repeat(200) };
    const first = await client.messages.create({ ...cached, messages: [long] });
    const messages = [
      long,
      { role: 'assistant' as const, content: first.content },
      { role: 'user' as const, content: 'Go on.' },
    ];
    const second = await client.messages.create({ ...cached, messages });
    expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens);
    expect(second.usage.input_tokens).toBe(0);
  });

  it('loses the messages, but not what is before them, when the tool choice changes', async () => {
    const { client } = await open(says('Hello.'));
    const tools = [{ name: 'a', input_schema: { type: 'object' as const } }];
    const mark = { type: 'ephemeral' as const };
    const content = [{ type: 'text' as const, text: 'word '.repeat(200), cache_control: mark }];
    const asked = { ...hello, tools, system, messages: [{ role: 'user' as const, content }] };
    await client.messages.create(asked);
    const { usage } = await client.messages.create({ ...asked, tool_choice: { type: 'none' } });
    expect(usage.cache_read_input_tokens).toBeGreaterThan(600);
    expect(usage.cache_creation_input_tokens).toBe(257);
  });

  it('reads back what was kept for an hour', async () => {
    const { client, simulator } = await open(says('Hello.'));
    const long = [
      {
        ...system[0],
        text: 'word '.repeat(200),
        type: 'text' as const,
        cache_control: { type: 'ephemeral' as const, ttl: '1h' as const },
      },
    ];
    const first = await client.messages.create({ ...hello, system: long });
    expect(first.usage.cache_creation).toEqual({
      ephemeral_5m_input_tokens: 0,
      ephemeral_1h_input_tokens: 254,
    });
    simulator.advance(59 * 60_000);
    expect((await client.messages.create({ ...hello, system: long })).usage.cache_read_input_tokens).toBe(
      254,
    );
  });

  it('does not hash marks, nor whether text is a string or a block', async () => {
    const { client } = await open(says('Hello.'));
    const text = 'word '.repeat(200);
    const block = { type: 'text' as const, text, cache_control: { type: 'ephemeral' as const } };
    const next = { type: 'text' as const, text: 'And then?', cache_control: { type: 'ephemeral' as const } };
    await client.messages.create({ ...hello, messages: [{ role: 'user', content: [block] }] });
    const { usage } = await client.messages.create({
      ...hello,
      messages: [
        { role: 'user', content: text },
        { role: 'user', content: [next] },
      ],
    });
    expect(usage.cache_read_input_tokens).toBe(257);
  });
});
