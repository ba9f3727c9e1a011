import { describe, expect, it } from 'vitest';
import {
  createInspan,
  defineTeam,
  type EndedJob,
  type JournalStore,
  type Model,
  type Tool,
} from '../src/inspan.ts';
import {
  callTool,
  callTools,
  createMemoryJournalStore,
  createMemoryWorkspace,
  failWith,
  manualClock,
  neverAnswer,
  type Script,
  type ScriptEntry,
  say,
  scriptedModel,
  scriptedTeam,
} from '../src/testing.ts';
import { artifacts, goodScripts, member, wholeBrief, writers } from './teams/writers.ts';

const agent = (reads: readonly string[], more: { last?: boolean; tools?: readonly Tool[] } = {}) => ({
  description: 'Works.',
  prompt: 'Work.',
  reads,
  ...more,
});

function writes(path: string, content: string): readonly ScriptEntry[] {
  return [callTool('write_file', { path, content }), say('Written.')];
}

const delegate = (...agents: readonly string[]) =>
  callTools(agents.map((name) => ({ name: 'delegate', input: { agent: name } })));

/** A lead whose first member fails once. */
const extractorTwice: Script = [
  delegate('extractor'),
  delegate('extractor'),
  delegate('x-writer', 'blog-writer'),
  delegate('reviewer'),
  say('Done.'),
];

function rawTool(name: string, run: Tool['run'], more: Partial<Tool> = {}): Tool {
  const parse: Tool['parse'] = (value) => ({ ok: true, value });
  const inputSchema = { type: 'object' };
  return { name, purpose: 'Does it.', inputSchema, effect: 'read', replay: 'safe', parse, run, ...more };
}

function essence({ outcome, result, files, usage }: EndedJob): unknown {
  return { outcome, result, files, usage };
}

describe('an outage', () => {
  it('in one member is not made permanent by a verification that ran without it', async () => {
    const team = defineTeam({
      pattern: 'parallel',
      agents: { a: agent([]), b: agent([]), d: agent(['a.md', 'b.md'], { last: true }) },
    });
    const journal = createMemoryJournalStore();
    const down = scriptedTeam({ a: [failWith('provider-down')], b: writes('b.md', 'B'), d: [] });
    const first = await createInspan({ environment: {}, model: down, attemptsMax: 1 }).start(
      team,
      {},
      { journal },
    );
    expect((await first.outcome()).failure?.code).toBe('provider-down');
    const up = scriptedTeam({ a: writes('a.md', 'A'), d: writes('d.md', 'saw a and b') });
    const second = await createInspan({ environment: {}, model: up }).start(team, {}, { journal });
    expect((await second.result()).result).toEqual({ a: 'A', b: 'B', d: 'saw a and b' });
  });
});

describe('a replay takes the way the job took', () => {
  async function replayed(scripts: Record<string, Script>, journal: JournalStore, clock = manualClock()) {
    const first = await createInspan({ environment: {}, model: scriptedTeam(scripts), clock }).start(
      writers,
      wholeBrief,
      { journal },
    );
    for await (const event of first.events()) {
      if (event.type === 'agent-started' && event.key === 'lead/turn-1/call-0/extractor') {
        setImmediate(() => clock.advance(11 * 60_000));
      }
    }
    const silent = scriptedModel([]);
    const again = await createInspan({ environment: {}, model: silent }).start(writers, wholeBrief, {
      journal,
    });
    return [await first.outcome(), await again.outcome(), silent.requests.length] as const;
  }

  it('when a member ran out of time and was run again', async () => {
    const scripts = {
      ...goodScripts(),
      lead: extractorTwice,
      extractor: [neverAnswer(), ...writes('insights.md', artifacts['insights.md'])],
    };
    const [first, again, asked] = await replayed(scripts, createMemoryJournalStore());
    expect(first.outcome).toBe('done');
    expect([essence(again), asked]).toEqual([essence(first), 0]);
  });

  it('when a call failed that was billed all the same', async () => {
    const usage = {
      inputTokens: 1_000,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
    };
    const scripts = {
      ...goodScripts(),
      lead: extractorTwice,
      extractor: [failWith('context-full', usage), ...writes('insights.md', artifacts['insights.md'])],
    };
    const [first, again] = await replayed(scripts, createMemoryJournalStore());
    expect(first.usage.agents['extractor']?.usage.inputTokens).toBeGreaterThan(1_000);
    expect(essence(again)).toEqual(essence(first));
  });

  it('in whatever order files were named', async () => {
    const team = defineTeam({ agents: { a: agent(['brief.md']) } });
    const journal = createMemoryJournalStore();
    const start = async (files: Record<string, string>, model: Model) =>
      await (await createInspan({ environment: {}, model }).start(team, { files }, { journal })).outcome();
    await start({ 'x.md': 'X', 'y.md': 'Y' }, scriptedModel(writes('a.md', 'A')));
    expect((await start({ 'y.md': 'Y', 'x.md': 'X' }, scriptedModel([]))).outcome).toBe('done');
  });
});

describe('a journal and a workspace', () => {
  const team = defineTeam({ pattern: 'pipeline', agents: { a: agent(['brief.md']) } });

  it('of another brief are refused, in every pattern', async () => {
    const journal = createMemoryJournalStore();
    const workspace = createMemoryWorkspace();
    const start = async (brief: string, model: Model, where: object) =>
      await (await createInspan({ environment: {}, model }).start(team, { brief }, where)).outcome();
    await start('one', scriptedModel(writes('a.md', 'A')), { journal, workspace });
    expect((await start('two', scriptedModel([]), { journal })).failure?.code).toBe('journal-mismatch');
    expect((await start('two', scriptedModel([]), { workspace })).failure?.code).toBe('wrong-input');
  });
});

describe('a delegation', () => {
  it('that spoils an artifact on a second run leaves the job undone', async () => {
    const model = scriptedTeam({
      ...goodScripts(),
      lead: [
        delegate('extractor'),
        delegate('x-writer', 'blog-writer'),
        delegate('reviewer'),
        delegate('x-writer'),
        say('Done.'),
        say('Done.'),
        say('Done.'),
      ],
      'x-writer': [
        ...writes('drafts/x.md', 'good'),
        callTool('write_file', { path: 'drafts/x.md', content: ' ' }),
        say('Hm.'),
        say('Hm.'),
      ],
    });
    const job = await createInspan({ environment: {}, model }).start(writers, wholeBrief);
    expect((await job.outcome()).failure?.code).toBe('artifacts-missing');
  });

  it('never shows the lead a file name that a member made up', async () => {
    const path = 'tool-results/x-writer/the draft says zebra.txt';
    const model = scriptedTeam({
      ...goodScripts(),
      'x-writer': [
        callTool('write_file', { path, content: 'x' }),
        ...(member('drafts/x.md', ['brief.md']) as ScriptEntry[]),
      ],
    });
    await (await createInspan({ environment: {}, model }).start(writers, wholeBrief)).result();
    const lead = model.requests.filter(({ lane }) => lane === 'lead');
    expect(JSON.stringify(lead)).toContain('drafts/x.md (');
    expect(JSON.stringify(lead)).not.toContain('zebra');
  });
});

describe('what does not listen', () => {
  it('cannot hold a cancelled job: neither a tool nor a model', async () => {
    const deaf = rawTool('deaf', () => new Promise(() => {}));
    const team = defineTeam({ agents: { a: agent(['brief.md'], { tools: [deaf] }) } });
    const toolJob = await createInspan({
      environment: {},
      model: scriptedModel([callTool('deaf', {})]),
    }).start(team, {});
    for await (const event of toolJob.events())
      if (event.type === 'model-called') setImmediate(() => toolJob.cancel());
    expect((await toolJob.outcome()).outcome).toBe('cancelled');
    const mute: Model = {
      id: 'mute',
      contextTokensMax: 1,
      stream: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }),
    };
    const clock = { ...manualClock(), sleep: firstForever() };
    const cancelling = new AbortController();
    const modelJob = await createInspan({
      environment: {},
      model: mute,
      clock,
    }).start(team, {}, { signal: cancelling.signal });
    setImmediate(() => cancelling.abort());
    expect((await modelJob.outcome()).outcome).toBe('cancelled');
  });
});

/** A clock's sleep whose first sleeper (the wall time) waits for its signal, and whose others wake at once. */
function firstForever() {
  let sleepers = 0;
  return async (_: number, signal: AbortSignal): Promise<void> => {
    sleepers += 1;
    if (sleepers > 1) return;
    await new Promise<void>((wake) => signal.addEventListener('abort', () => wake(), { once: true }));
  };
}

describe('a crash', () => {
  it('stops the siblings before anybody hears of it', async () => {
    const crash = rawTool('crash', async () => {
      throw new Error('a bug');
    });
    const team = defineTeam({
      pattern: 'parallel',
      agents: { a: agent([], { tools: [crash] }), b: agent([]) },
    });
    const model = scriptedTeam({ a: [callTool('crash', {})], b: [neverAnswer()] });
    const job = await createInspan({ environment: {}, model }).start(team, {});
    const ended: string[] = [];
    for await (const event of job.events()) if (event.type.endsWith('-ended')) ended.push(event.type);
    await expect(job.outcome()).rejects.toThrow('a bug');
    // The sibling has ended, and the last thing anybody hears is that the job has.
    expect(ended).toEqual(['agent-ended', 'job-ended']);
  });
});

describe('money', () => {
  const rate = 1_000_000;
  const rates = {
    inputMicroUsd: rate,
    cacheReadMicroUsd: rate,
    cacheWrite5mMicroUsd: rate,
    cacheWrite1hMicroUsd: rate,
  };
  const price = (outputMicroUsd: number) => ({
    ...rates,
    outputMicroUsd,
    asOf: '2026-11',
    source: 'this test',
  });

  it('counts a call whose end a crash hid as the most it may have cost', async () => {
    const limits = { outputTokens: 3_000 };
    const team = defineTeam({ budget: { usd: 0.006 }, agents: { a: { ...agent(['brief.md']), limits } } });
    const journal = createMemoryJournalStore();
    const dying: Model = {
      id: 'acme/paid',
      contextTokensMax: 100_000,
      stream: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('the process is gone')) }),
      }),
    };
    const prices = { 'acme/paid': price(rate) };
    const first = await createInspan({ environment: {}, model: dying, prices }).start(team, {}, { journal });
    await expect(first.outcome()).rejects.toThrow('gone');
    const model = scriptedModel([], { id: 'acme/paid' });
    const second = await createInspan({ environment: {}, model, prices }).start(team, {}, { journal });
    expect((await second.outcome()).failure?.code).toBe('budget-exhausted');
    expect(model.requests).toEqual([]);
  });
});
