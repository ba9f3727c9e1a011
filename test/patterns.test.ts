import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createInspan, defineTeam, type NumberedEvent } from '../src/inspan.ts';
import {
  callTool,
  createMemoryJournalStore,
  failWith,
  type Script,
  say,
  scriptedModel,
  scriptedTeam,
} from '../src/testing.ts';

/** A script that writes one file and says so. */
function writes(path: string, content: string): Script {
  return [callTool('write_file', { path, content }), say('Written.')];
}

const agent = (reads: readonly string[]) => ({ description: 'Works.', prompt: 'Work.', reads });

const line = {
  agents: {
    second: agent(['first.md']),
    first: agent(['brief.md']),
    third: { ...agent(['first.md', 'second.md']), last: true },
  },
} as const;

async function orderOf(events: AsyncIterable<NumberedEvent>): Promise<readonly string[]> {
  const order: string[] = [];
  for await (const event of events) {
    if (event.type === 'agent-started') order.push(`${event.agent} begins`);
    if (event.type === 'agent-ended') order.push(`${event.agent} ends`);
  }
  return order;
}

describe('a pipeline', () => {
  const pipeline = defineTeam({ ...line, pattern: 'pipeline' });

  it('runs its members in the order in which each finds what it reads, without a coordinating token', async () => {
    const model = scriptedTeam({
      first: writes('first.md', '1'),
      second: writes('second.md', '2'),
      third: writes('third.md', '3'),
    });
    const job = await createInspan({ environment: {}, model }).start(pipeline, {});
    expect(await orderOf(job.events())).toEqual([
      'first begins',
      'first ends',
      'second begins',
      'second ends',
      'third begins',
      'third ends',
    ]);
    const { result, usage } = await job.result();
    expect(result).toEqual({ first: '1', second: '2', third: '3' });
    expect(Object.keys(usage.agents)).toEqual(['first', 'second', 'third']);
  });

  it('stops at the first member that fails, and keeps what was made', async () => {
    const model = scriptedTeam({ first: writes('first.md', '1'), second: [say('No.'), say('No.')] });
    const ended = await (await createInspan({ environment: {}, model }).start(pipeline, {})).outcome();
    expect(ended).toMatchObject({ outcome: 'failed', failure: { code: 'artifact-missing' } });
    expect(ended.failure?.message).toBe(
      'second failed: second.md is missing. Write it with write_file, then answer with one sentence.',
    );
    expect(ended.result).toEqual({ first: '1', second: null, third: null });
    model.expectExhausted();
  });

  it('goes on after an outage where it stopped, and pays for nothing twice', async () => {
    const journal = createMemoryJournalStore();
    const broken = scriptedTeam({ first: writes('first.md', '1'), second: [failWith('provider-down')] });
    const down = await createInspan({ environment: {}, model: broken, attemptsMax: 1 }).start(
      pipeline,
      {},
      { journal },
    );
    expect((await down.outcome()).failure?.code).toBe('provider-down');
    const mended = scriptedTeam({ second: writes('second.md', '2'), third: writes('third.md', '3') });
    const job = await createInspan({ environment: {}, model: mended }).start(pipeline, {}, { journal });
    expect((await job.result()).result).toEqual({ first: '1', second: '2', third: '3' });
    mended.expectExhausted();
  });
});

describe('a parallel team', () => {
  const parallel = defineTeam({
    pattern: 'parallel',
    agents: { a: agent([]), b: agent([]), c: agent(['a.md']), d: { ...agent(['b.md', 'c.md']), last: true } },
  });

  it('starts each member as soon as those it reads are done', async () => {
    const model = scriptedTeam({
      a: writes('a.md', 'A'),
      b: writes('b.md', 'B'),
      c: writes('c.md', 'C'),
      d: writes('d.md', 'D'),
    });
    const job = await createInspan({ environment: {}, model }).start(parallel, {});
    const order = await orderOf(job.events());
    expect(order.slice(0, 2)).toEqual(['a begins', 'b begins']);
    expect(order.indexOf('c begins')).toBeGreaterThan(order.indexOf('a ends'));
    expect(order.slice(-2)).toEqual(['d begins', 'd ends']);
  });

  it('lets a failure stop only what needs it; verification runs on what is there', async () => {
    const model = scriptedTeam({
      a: [say('No.'), say('No.')],
      b: writes('b.md', 'B'),
      d: writes('d.md', 'D'),
    });
    const ended = await (await createInspan({ environment: {}, model }).start(parallel, {})).outcome();
    expect(ended.failure?.message).toContain('a failed: a.md is missing.');
    expect(ended.result).toEqual({ a: null, b: 'B', c: null, d: 'D' });
    model.expectExhausted();
  });
});

describe('one agent alone', () => {
  it('runs by itself: no lead, no tool to delegate', async () => {
    const solo = defineTeam({ agents: { solo: { description: 'Works.', prompt: 'Work.' } } });
    const model = scriptedTeam({ solo: writes('solo.md', 'done') });
    const job = await createInspan({ environment: {}, model }).start(solo, { brief: 'Work.' });
    expect((await job.result()).result).toEqual({ solo: 'done' });
    expect(model.requests[0]?.lane).toBe('solo');
    expect(model.requests[0]?.tools.map(({ name }) => name)).not.toContain('delegate');
  });
});

describe('an agent with an output schema', () => {
  const counter = defineTeam({
    agents: {
      counter: {
        description: 'Counts.',
        prompt: 'Count.',
        reads: ['brief.md'],
        output: z.object({ count: z.number().int(), unit: z.string() }),
      },
    },
  });

  it('answers with JSON that fits, is told once when it does not, and gives a typed result', async () => {
    const model = scriptedModel([say('{"count":"many"}'), say('```json\n{"count":3,"unit":"wagons"}\n```')]);
    const job = await createInspan({ environment: {}, model }).start(counter, { brief: 'Count the wagons.' });
    const { result, files } = await job.result();
    expectTypeOf(result.counter).toEqualTypeOf<{ count: number; unit: string }>();
    expect(result.counter).toEqual({ count: 3, unit: 'wagons' });
    expect(JSON.parse(files['counter.json'] ?? '')).toEqual(result.counter);
    expect(model.requests[0]?.output?.schema).toMatchObject({ required: ['count', 'unit'] });
    const told = JSON.stringify(model.requests[1]?.messages.at(-1));
    expect(told).toContain('count: Invalid input: expected number, received string');
    model.expectExhausted();
  });

  it('fails with its own reason when the repair does not fit either', async () => {
    const model = scriptedModel([say('three'), say('3')]);
    const job = await createInspan({ environment: {}, model }).start(counter, { brief: 'Count.' });
    expect((await job.outcome()).failure?.code).toBe('output-invalid');
  });
});

describe('a budget', () => {
  const rates = { inputMicroUsd: 1_000_000, cacheReadMicroUsd: 1_000_000, cacheWrite5mMicroUsd: 1_000_000 };
  const price = {
    ...rates,
    cacheWrite1hMicroUsd: 1_000_000,
    outputMicroUsd: 1_000_000,
    asOf: '2026-11',
    source: 'this test',
  };
  const limits = { outputTokens: 3_000 };
  const usage = {
    inputTokens: 500,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 500,
    reasoningTokens: 0,
  };
  /** Two calls of 1,000 micro-USD each. */
  const first = [
    callTool('write_file', { path: 'first.md', content: 'x'.repeat(4_000) }, { usage }),
    say('Written.', { usage }),
  ];
  const frugal = defineTeam({
    pattern: 'pipeline',
    budget: { usd: 0.006 },
    agents: { first: { ...agent(['brief.md']), limits }, second: { ...agent(['first.md']), limits } },
  });

  it('stops a job before the call that could break it, and keeps what was made', async () => {
    const model = scriptedTeam({ first, second: [] }, { id: 'acme/paid' });
    const inspan = createInspan({ environment: {}, model, prices: { 'acme/paid': price } });
    const ended = await (await inspan.start(frugal, {})).outcome();
    expect(ended).toMatchObject({ outcome: 'failed', failure: { code: 'budget-exhausted' } });
    expect(ended.result['first']).toHaveLength(4_000);
    expect(ended.cost.microUsd).toBe(2_000);
    model.expectExhausted();
  });

  it('counts what an earlier start of the job has spent', async () => {
    const journal = createMemoryJournalStore();
    const start = async (scripts: Record<string, Script>) => {
      const model = scriptedTeam(scripts, { id: 'acme/paid' });
      const inspan = createInspan({ environment: {}, model, prices: { 'acme/paid': price } });
      return await (await inspan.start(frugal, {}, { journal })).outcome();
    };
    const before = await start({ first, second: [] });
    const again = await start({ second: [] });
    expect([before.failure?.code, again.failure?.code]).toEqual(['budget-exhausted', 'budget-exhausted']);
    expect(again.cost).toEqual(before.cost);
  });

  it('refuses a model whose price nobody knows: what cannot be counted cannot be bounded', async () => {
    const model = scriptedModel([say('Hello.')], { id: 'acme/unknown' });
    const starting = createInspan({ environment: {}, model }).start(frugal, {});
    await expect(starting).rejects.toThrow(
      "No price is known for acme/unknown, so the team's budget cannot be kept",
    );
    expect(model.requests).toHaveLength(0);
  });
});

describe('a call whose outcome a crash hid', () => {
  it('is reported to the model as unknown, never made again', async () => {
    const journal = createMemoryJournalStore();
    let sent = 0;
    const send = {
      name: 'send',
      purpose: 'Sends it.',
      inputSchema: { type: 'object' },
      effect: 'outside' as const,
      replay: 'never' as const,
      parse: (input: unknown) => ({ ok: true as const, value: input }),
      run: async () => {
        sent += 1;
        if (sent === 1) throw new Error('the process is gone');
        return { ok: true as const, value: { text: 'sent' } };
      },
    };
    const sender = defineTeam({ agents: { sender: { ...agent(['brief.md']), tools: [send] } } });
    const dying = createInspan({ environment: {}, model: scriptedTeam({ sender: [callTool('send', {})] }) });
    await expect((await dying.start(sender, {}, { journal })).outcome()).rejects.toThrow('gone');
    const model = scriptedTeam({ sender: writes('sender.md', 'It may have been sent.') });
    await (await createInspan({ environment: {}, model }).start(sender, {}, { journal })).result();
    expect(sent).toBe(1);
    expect(JSON.stringify(model.requests[0]?.messages.at(-1))).toContain('its outcome is unknown');
  });
});
