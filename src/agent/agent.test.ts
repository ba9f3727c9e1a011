import { describe, expect, it } from 'vitest';
import { createStaticPrefix } from '../context/index.ts';
import { fail, type JobEvent, type Model, ok, type Run, type Tool } from '../core/index.ts';
import {
  callTool,
  callTools,
  failWith,
  neverAnswer,
  type ScriptedModel,
  say,
  scriptedModel,
} from '../models/testing.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { type Assignment, type Goal, runAgent } from './index.ts';

const limits = { turnsMax: 6, toolCallsMax: 5, outputTokensMax: 5_000, wallMsMax: 60_000 };
const metGoal: Goal = { remindersMax: 1, check: async () => ({ type: 'met' }) };

function tool(name: string, more: Partial<Tool> = {}): Tool {
  return {
    name,
    purpose: `Does ${name}.`,
    inputSchema: { type: 'object' },
    effect: 'read',
    replay: 'safe',
    parse: (input) => ok(input),
    run: async () => ok({ text: `${name} did` }),
    ...more,
  };
}

function assignment(tools: readonly Tool[], more: Partial<Assignment> = {}): Assignment {
  const definitions = tools.map(({ name, purpose, inputSchema, effect }) => ({
    name,
    purpose,
    inputSchema,
    effect,
  }));
  const role = {
    name: 'worker',
    model: 'm',
    effort: null,
    thinkingTokensMax: null,
    system: [],
    tools: definitions,
    output: null,
    limits,
    prefix: createStaticPrefix({ tools: definitions, system: [], sharedBlocks: 0, output: null }),
    volatile: [],
    compactAt: 0.8,
    resultsFolder: null,
  };
  return {
    role,
    tools,
    task: 'Do it.',
    goal: metGoal,
    key: 'worker',
    workspace: createMemoryWorkspace(),
    ...more,
  };
}

async function runOn(model: Model, more: Partial<Run> = {}): Promise<{ run: Run; events: JobEvent[] }> {
  const events: JobEvent[] = [];
  const run: Run = {
    id: 'job',
    signal: new AbortController().signal,
    workspace: createMemoryWorkspace(),
    journal: await openJournal(createMemoryJournalStore()),
    clock: {
      now: () => 0,
      sleep: (_, signal) => new Promise((wake) => signal.addEventListener('abort', () => wake())),
    },
    countTokens: (text) => text.length,
    caching: {
      prefixTokensMin: () => null,
      lifeOf: () => 'short',
      tokenFactor: () => 1,
      beginWith: () => ({ isFirst: true, before: null }),
    },
    model: () => model,
    costOf: () => 1,
    emit: (event) => void events.push(event),
    tell: () => undefined,
    awaitSignal: async () => fail('parked', 'Nobody waits here.'),
    ...more,
  };
  return { run, events };
}

/** The texts of the tool results that the model saw in its last request. */
function lastResults(model: ScriptedModel): string[] {
  const blocks = model.requests.at(-1)?.messages.at(-1)?.blocks ?? [];
  return blocks.flatMap((block) => (block.type === 'tool-result' ? [block.text] : []));
}

describe('an agent', () => {
  it('calls tools, reads their results and ends with a sentence', async () => {
    const model = scriptedModel([callTool('look', {}), say('I looked. There is more to say.')]);
    const { run, events } = await runOn(model);
    const ended = await runAgent(assignment([tool('look')]), run);
    expect(ended).toEqual(ok({ said: 'I looked.', turns: 2 }));
    expect(lastResults(model)).toEqual(['look did']);
    expect(events.map(({ type }) => type)).toEqual([
      'agent-started',
      'model-called',
      'tool-called',
      'model-called',
      'agent-ended',
    ]);
    model.expectExhausted();
  });

  it('learns from its mistakes: unknown tools, broken JSON and wrong arguments come back as answers', async () => {
    const strict = tool('strict', { parse: () => fail('bad-arguments', 'Send a path.') });
    const calls = [
      { name: 'missing', input: {} },
      { name: 'strict', input: {} },
      { name: 'look', input: '{"broken' },
    ];
    const model = scriptedModel([callTools(calls), say('Sorry.')]);
    const { run } = await runOn(model);
    await runAgent(assignment([tool('look'), strict]), run);
    expect(lastResults(model)).toEqual([
      'There is no tool missing. You have: look, strict.',
      'Send a path.',
      'The arguments of look were not valid JSON. Send one JSON object; escape line breaks in strings as \\n.',
    ]);
  });

  it('lets reads overlap and runs everything else one after the other, answers in the order asked', async () => {
    const order: string[] = [];
    const slow = (name: string, effect: Tool['effect']): Tool =>
      tool(name, {
        effect,
        async run() {
          order.push(`${name} begins`);
          await new Promise((resolve) => setImmediate(resolve));
          order.push(`${name} ends`);
          return ok({ text: name });
        },
      });
    const tools = [slow('a', 'read'), slow('b', 'read'), slow('c', 'write'), slow('d', 'outside')];
    const model = scriptedModel([callTools(tools.map(({ name }) => ({ name, input: {} }))), say('Done.')]);
    const { run } = await runOn(model);
    await runAgent(assignment(tools), run);
    expect(order).toEqual([
      'a begins',
      'b begins',
      'a ends',
      'b ends',
      'c begins',
      'c ends',
      'd begins',
      'd ends',
    ]);
    expect(lastResults(model)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is told once what is missing, then fails with that reason', async () => {
    const failure = { code: 'artifact-missing', message: 'a.md is missing.' } as const;
    const goal: Goal = { remindersMax: 1, check: async () => ({ type: 'unmet', failure, mendable: true }) };
    const model = scriptedModel([say('Done.'), say('Really done.')]);
    const { run } = await runOn(model);
    expect(await runAgent(assignment([], { goal }), run)).toEqual({ ok: false, failure });
    expect(model.requests.at(-1)?.messages.at(-1)?.blocks).toEqual([
      { type: 'text', text: 'a.md is missing.' },
    ]);
    model.expectExhausted();
  });

  it('never sees a write that was not recorded', async () => {
    const workspace = createMemoryWorkspace();
    const store = createMemoryJournalStore();
    const failing = { ...store, append: async () => Promise.reject(new Error('the disk is full')) };
    const write = tool('write', {
      effect: 'write',
      async run(_, call) {
        await call.workspace.write('a.md', 'A', null);
        return ok({ text: 'written' });
      },
    });
    const model = scriptedModel([callTool('write', {})]);
    const { run } = await runOn(model, { workspace, journal: await openJournal(failing) });
    await expect(runAgent(assignment([write], { workspace }), run)).rejects.toThrow('the disk is full');
    expect(await workspace.list()).toEqual([]);
  });

  it('drops what a failed call wrote', async () => {
    const workspace = createMemoryWorkspace();
    const write = tool('write', {
      effect: 'write',
      async run(_, call) {
        await call.workspace.write('a.md', 'A', null);
        return fail('tool-failed', 'changed my mind');
      },
    });
    const { run } = await runOn(scriptedModel([callTool('write', {}), say('Well.')]));
    await runAgent(assignment([write], { workspace }), run);
    expect(await workspace.list()).toEqual([]);
  });

  it('extends its lane with every request', async () => {
    const model = scriptedModel([callTool('look', {}), callTool('look', {}), say('Done.')]);
    const { run, events } = await runOn(model);
    await runAgent(assignment([tool('look')]), run);
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 5]);
    expect(events.filter(({ type }) => type === 'prefix-break')).toEqual([]);
  });
});

describe('an agent’s limits', () => {
  const look = tool('look');
  const again = () => callTool('look', {});

  it('stop it after its turns, with their own reason', async () => {
    const { run } = await runOn(scriptedModel(again));
    const ended = await runAgent(
      assignment([look], { role: { ...assignment([look]).role, limits: { ...limits, turnsMax: 3 } } }),
      run,
    );
    expect(ended).toMatchObject({ ok: false, failure: { code: 'turns-exhausted' } });
  });

  it('stop it before the tool call that is one too many', async () => {
    const { run, events } = await runOn(scriptedModel(again));
    const role = { ...assignment([look]).role, limits: { ...limits, toolCallsMax: 2 } };
    expect(await runAgent(assignment([look], { role }), run)).toMatchObject({
      failure: { code: 'tool-calls-exhausted' },
    });
    expect(events.filter(({ type }) => type === 'tool-called')).toHaveLength(2);
  });

  it('stop it when its output tokens are spent, and never ask for more than are left', async () => {
    const usage = {
      inputTokens: 1,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 40,
      reasoningTokens: 20,
    };
    const model = scriptedModel(() => callTool('look', {}, { usage }));
    const { run } = await runOn(model);
    const role = { ...assignment([look]).role, limits: { ...limits, outputTokensMax: 100 } };
    expect(await runAgent(assignment([look], { role }), run)).toMatchObject({
      failure: { code: 'output-tokens-exhausted' },
    });
    expect(model.requests.map(({ outputTokensMax }) => outputTokensMax)).toEqual([100, 40]);
  });

  it('stop it when its time is up, in the middle of an answer', async () => {
    const { run } = await runOn(scriptedModel([neverAnswer()]), {
      clock: { now: () => 0, sleep: async () => {} },
    });
    expect(await runAgent(assignment([look]), run)).toMatchObject({
      failure: { code: 'wall-time-exhausted' },
    });
  });
});

describe('what no model can mend', () => {
  it('ends the agent and is not recorded, so that it can run on later', async () => {
    const store = createMemoryJournalStore();
    const outage = await runOn(scriptedModel([failWith('provider-down')]), {
      journal: await openJournal(store),
    });
    expect(await runAgent(assignment([]), outage.run)).toMatchObject({ failure: { code: 'provider-down' } });
    const later = await runOn(scriptedModel([say('Here again.')]), { journal: await openJournal(store) });
    expect(await runAgent(assignment([]), later.run)).toEqual(ok({ said: 'Here again.', turns: 1 }));
  });

  it('is charged all the same when it cost something', async () => {
    const usage = {
      inputTokens: 9,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
    };
    const { run, events } = await runOn(scriptedModel([failWith('provider-down', usage)]));
    await runAgent(assignment([]), run);
    expect(events.find(({ type }) => type === 'model-called')).toMatchObject({ usage, replayed: false });
  });

  it('is told apart from a refusal and from a full context', async () => {
    for (const [stop, code] of [
      ['refused', 'refused'],
      ['context-full', 'context-full'],
    ] as const) {
      const { run } = await runOn(scriptedModel([say('', { stop })]));
      expect(await runAgent(assignment([]), run)).toMatchObject({ failure: { code } });
    }
  });

  it('ends promptly when the job is cancelled', async () => {
    const cancelling = new AbortController();
    const { run } = await runOn(scriptedModel([neverAnswer()]), { signal: cancelling.signal });
    const ended = runAgent(assignment([]), run);
    setImmediate(() => cancelling.abort());
    expect(await ended).toMatchObject({ failure: { code: 'cancelled' } });
  });
});

describe('a replayed agent', () => {
  it('asks no model and runs no tool', async () => {
    const store = createMemoryJournalStore();
    let ran = 0;
    const counting = tool('count', {
      async run() {
        ran += 1;
        return ok({ text: `${ran}` });
      },
    });
    const first = await runOn(scriptedModel([callTool('count', {}), say('Counted.')]), {
      journal: await openJournal(store),
    });
    const ended = await runAgent(assignment([counting]), first.run);
    const silent = scriptedModel([]);
    const second = await runOn(silent, { journal: await openJournal(store) });
    expect(await runAgent(assignment([counting]), second.run)).toEqual(ended);
    expect([ran, silent.requests.length]).toEqual([1, 0]);
    expect(second.events.filter((event) => event.type === 'model-called' && !event.replayed)).toEqual([]);
  });
});
