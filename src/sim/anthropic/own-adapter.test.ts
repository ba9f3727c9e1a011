import { afterEach, expect, it } from 'vitest';
import { addUsage, type Message, type ModelRequest, noUsage, type Reply } from '../../core/index.ts';
import { openModel } from '../../models/index.ts';
import { openBench, type TestBench } from './testing.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(profile: object): Promise<TestBench> {
  const bench = await openBench(profile);
  closers.push(bench.simulator.close);
  return bench;
}

const request: ModelRequest = {
  lane: 'worker',
  tools: [
    {
      name: 'read_file',
      purpose: 'Reads a file.',
      effect: 'read',
      inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    },
  ],
  system: [{ id: 'prompt:worker', stability: 'release', text: 'Extract. '.repeat(100), cacheMark: 'short' }],
  messages: [
    {
      role: 'user',
      blocks: [{ type: 'text', text: 'Your task for this job.\n\nRead:\n- brief.md\n\nAnswer:\n- out.md\n' }],
    },
  ],
  outputTokensMax: 2000,
};

async function ask({ simulator }: TestBench, messages: readonly Message[]): Promise<Reply> {
  const model = openModel('anthropic/claude-sonnet-5', {
    keys: { anthropic: 'sk-test' },
    urls: { anthropic: simulator.url },
    customs: {},
    countTokens: (text) => text.length,
  });
  if (!model.ok) throw new Error(model.failure.message);
  for await (const event of model.value.stream({ ...request, messages }, new AbortController().signal)) {
    if (event.type !== 'end') continue;
    if (event.end.type === 'failed') throw new Error(event.end.failure.message);
    return event.end.reply;
  }
  throw new Error('no end');
}

/** A turn with a tool call, its answer, and a second turn. */
async function twoTurns(bench: TestBench): Promise<readonly [Reply, Reply]> {
  const first = await ask(bench, request.messages);
  const results = first.blocks.flatMap((block) =>
    block.type === 'tool-call'
      ? [{ type: 'tool-result' as const, id: block.id, text: 'The source of the story.', failed: false }]
      : [],
  );
  const history: readonly Message[] = [
    ...request.messages,
    { role: 'assistant', blocks: first.blocks },
    { role: 'user', blocks: results },
  ];
  return [first, await ask(bench, history)];
}

it('leads the offline model through the protocol as if it were called directly', async () => {
  const [first, second] = await twoTurns(await open({ brain: 'offline' }));
  expect(first).toMatchObject({
    stop: 'tool-calls',
    blocks: [{ type: 'tool-call', name: 'read_file', input: { path: 'brief.md' } }],
  });
  expect(second.stop).toBe('done');
  expect(second.blocks).toMatchObject([{ type: 'text', text: expect.stringContaining('story') }]);
});

it('tells an adapter of ours exactly what it bills', async () => {
  const calls = [{ tool: 'read_file', input: { path: 'brief.md' } }];
  const bench = await open({ brain: { script: [{ think: 'Let me see.', calls }, { say: 'Done.' }] } });
  const [first, second] = await twoTurns(bench);
  expect(first.usage).toMatchObject({ cacheReadTokens: 0, reasoningTokens: 3 });
  expect(second.usage.cacheReadTokens).toBe(first.usage.cacheWrite5mTokens);
  const total = [first, second].reduce((sum, { usage }) => addUsage(sum, usage), noUsage);
  expect(bench.simulator.accounts().total.usage).toEqual(total);
});
