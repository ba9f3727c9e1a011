import { Anthropic } from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
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

describe('messages', () => {
  it('answers with a message that says what it used', async () => {
    const { client } = await open(says('Hello there.'));
    const { data, request_id } = await client.messages.create(hello).withResponse();
    expect(data).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5',
      content: [{ type: 'text', text: 'Hello there.', citations: null }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      // Ten characters are three tokens here; a message on its own costs seven more.
      usage: { input_tokens: 10, output_tokens: 3, cache_read_input_tokens: 0, service_tier: 'standard' },
    });
    expect(data.id).toMatch(/^msg_01/);
    expect(request_id).toMatch(/^req_01/);
  });

  it('streams the events in the order that the API keeps', async () => {
    const script = [
      {
        think: 'Let me look.',
        say: 'I will read it.',
        calls: [{ tool: 'read', input: { path: 'a', line: 2 } }],
      },
    ];
    const { client } = await open({ brain: { script } });
    const events = [];
    for await (const event of await client.messages.create({ ...hello, stream: true })) events.push(event);
    expect(
      events.map((event) => ('delta' in event && 'type' in event.delta ? event.delta.type : event.type)),
    ).toEqual([
      'message_start',
      'content_block_start',
      'thinking_delta',
      'signature_delta',
      'content_block_stop',
      'content_block_start',
      'text_delta',
      'content_block_stop',
      'content_block_start',
      'input_json_delta',
      'input_json_delta',
      'input_json_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const pieces = events.flatMap((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'input_json_delta'
        ? [event.delta.partial_json]
        : [],
    );
    expect(pieces).toEqual(['', '{"path":"a"', ',"line":2}']);
    expect(events[0]).toMatchObject({ message: { usage: { input_tokens: 10, output_tokens: 1 } } });
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { output_tokens_details: { thinking_tokens: 3 } },
    });
  });

  it('sends a ping once the first block has begun', async () => {
    const { simulator } = await open(says('Hello.'));
    const response = await fetch(`${simulator.url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-test', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...hello, stream: true, temperature: 0.5 }),
    });
    const names = [...(await response.text()).matchAll(/^event: (\S+)$/gm)].map(([, name]) => name);
    expect(names.slice(0, 4)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
    ]);
  });

  it('gives the stream helper the whole text and the final message', async () => {
    const text = '  One two three, four five six.\n\n- seven eight nine\n';
    const { client, simulator } = await open(says(text));
    const heard: string[] = [];
    const stream = client.messages.stream(hello).on('text', (piece) => heard.push(piece));
    const message = await stream.finalMessage();
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.join('')).toBe(text);
    expect(message.content).toEqual([{ type: 'text', text, citations: null }]);
    expect(simulator.accounts().total.usage).toMatchObject({
      inputTokens: message.usage.input_tokens,
      outputTokens: message.usage.output_tokens,
    });
  });

  it('takes its own reply back, thinking included, and refuses changed thinking', async () => {
    const { client } = await open({ brain: { script: [{ think: 'Hm.', say: 'One.' }, { say: 'Two.' }] } });
    const first = await client.messages.create(hello);
    const next = { role: 'user' as const, content: 'Go on.' };
    const messages = [...hello.messages, { role: 'assistant' as const, content: first.content }, next];
    expect((await client.messages.create({ ...hello, messages })).content).toMatchObject([{ text: 'Two.' }]);
    const changed = first.content.map((block) =>
      block.type === 'thinking' ? { ...block, thinking: 'Something else.' } : block,
    );
    const forged = [...hello.messages, { role: 'assistant' as const, content: changed }, next];
    await expect(client.messages.create({ ...hello, messages: forged })).rejects.toThrow(
      'messages.1.content.0: Invalid `signature` in `thinking` block',
    );
  });

  it('keeps thinking back where it is to be omitted, but signs it', async () => {
    const { client } = await open({ brain: { script: [{ think: 'A secret.', say: 'Done.' }] } });
    const thinking = { type: 'adaptive' as const, display: 'omitted' as const };
    const whole = await client.messages.create({ ...hello, thinking });
    const streamed = await client.messages.stream({ ...hello, thinking }).finalMessage();
    for (const { content, usage } of [whole, streamed]) {
      expect(content[0]).toMatchObject({
        type: 'thinking',
        thinking: '',
        signature: expect.stringMatching(/.{40}/),
      });
      expect(usage.output_tokens_details?.thinking_tokens).toBe(3);
    }
  });

  it('stops at a stop sequence and bills nothing of what would have come after it', async () => {
    const { client, simulator } = await open(says('One. STOP Two three four five six.'));
    const message = await client.messages.create({ ...hello, stop_sequences: ['STOP', 'six'] });
    expect(message).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'STOP',
      usage: { output_tokens: 2 },
    });
    expect(message.content).toMatchObject([{ text: 'One. ' }]);
    expect(simulator.accounts().total.usage.outputTokens).toBe(2);
  });

  it('says why it refuses', async () => {
    const { client } = await open({ ...says('No.'), faults: [{ fault: 'refusal' }] });
    expect(await client.messages.stream(hello).finalMessage()).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'general_harms' },
    });
  });

  it('answers with JSON of the schema where a format is asked for', async () => {
    const { client } = await open({ brain: 'offline' });
    const schema = {
      type: 'object' as const,
      properties: { title: { type: 'string' as const }, count: { type: 'integer' as const } },
      required: ['title', 'count'],
      additionalProperties: false,
    };
    const { content } = await client.messages.create({
      ...hello,
      output_config: { format: { type: 'json_schema', schema } },
    });
    const [block] = content;
    const shape = z.strictObject({ title: z.string(), count: z.int() });
    expect(shape.safeParse(JSON.parse(block?.type === 'text' ? block.text : '')).success).toBe(true);
  });

  it('calls the tool that it must call, with arguments of its schema', async () => {
    const { client } = await open({ brain: { fixed: { tokens: 5 } } });
    const input_schema = { type: 'object' as const, properties: { n: { type: 'integer' } }, required: ['n'] };
    const message = await client.messages.create({
      ...hello,
      tools: [
        { name: 'other', input_schema: { type: 'object' } },
        { name: 'count', input_schema },
      ],
      tool_choice: { type: 'tool', name: 'count' },
    });
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toMatchObject([
      { type: 'tool_use', name: 'count', input: { n: expect.any(Number) }, caller: { type: 'direct' } },
    ]);
  });

  it('runs the tools of the SDK to their end', async () => {
    const script = [{ calls: [{ tool: 'get_weather', input: { city: 'Paris' } }] }, { say: 'It rains.' }];
    const { client } = await open({ brain: { script } });
    const asked: string[] = [];
    const weather = betaZodTool({
      name: 'get_weather',
      description: 'Gets the weather of a city.',
      inputSchema: z.object({ city: z.string() }),
      run: ({ city }) => {
        asked.push(city);
        return 'Rain.';
      },
    });
    const runner = client.beta.messages.toolRunner({ ...hello, tools: [weather], stream: true });
    expect((await runner.runUntilDone()).content).toMatchObject([{ type: 'text', text: 'It rains.' }]);
    expect(asked).toEqual(['Paris']);
  });

  it('tells broken arguments as a stream that is no JSON', async () => {
    const script = [{ calls: [{ tool: 'read', input: { path: 'a/long/path.md' } }] }];
    const { client } = await open({ brain: { script }, faults: [{ fault: 'broken-arguments' }] });
    let json = '';
    for await (const event of await client.messages.create({ ...hello, stream: true })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
        json += event.delta.partial_json;
    }
    expect(json).not.toBe('');
    expect(() => JSON.parse(json)).toThrow(SyntaxError);
  });
});

describe('models', () => {
  it('lists its models page by page', async () => {
    const { client } = await open(says('Hi.'));
    const names = [];
    for await (const model of client.models.list({ limit: 1 })) names.push([model.id, model.display_name]);
    expect(names).toEqual([
      ['claude-opus-5', 'Claude Opus 5'],
      ['claude-sonnet-5', 'Claude Sonnet 5'],
      ['claude-haiku-4-5', 'Claude Haiku 4.5'],
    ]);
    expect(await client.models.retrieve('claude-opus-5')).toMatchObject({ line: 'opus', max_tokens: 64_000 });
    await expect(client.models.retrieve('claude-9')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});
