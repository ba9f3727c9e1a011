import { describe, expect, it } from 'vitest';
import { createInspan, type NumberedEvent } from '../src/inspan.ts';
import {
  callTool,
  callTools,
  failWith,
  neverAnswer,
  type Script,
  type ScriptedModel,
  say,
  scriptedTeam,
} from '../src/testing.ts';
import { artifacts, goodScripts, goodTeam, member, wholeBrief, writers } from './teams/writers.ts';

function inspanOn(model: ScriptedModel) {
  // An outage in a script is told once: nobody waits here for it to pass.
  return createInspan({ environment: {}, model, attemptsMax: 1 });
}

/** Runs the writers on the whole brief, with some scripts replaced. */
async function runWith(scripts: Record<string, Script>, brief = wholeBrief) {
  const model = scriptedTeam({ ...goodScripts(), ...scripts });
  const job = await inspanOn(model).start(writers, brief);
  return { model, ended: await job.outcome() };
}

/** Everything that stands in the lead's thread. */
function leadThread(model: ScriptedModel): string {
  return JSON.stringify(model.requests.filter(({ lane }) => lane === 'lead'));
}

/** The tool results and user messages that the lead got, in order. */
function toldLead(model: ScriptedModel): string[] {
  const last = model.requests.filter(({ lane }) => lane === 'lead').at(-1);
  const messages = last?.messages.slice(1).filter(({ role }) => role === 'user') ?? [];
  return messages.flatMap(({ blocks }) => blocks.flatMap((block) => ('text' in block ? [block.text] : [])));
}

describe('a supervised team', () => {
  it('goes from a brief to a typed result', async () => {
    const model = goodTeam();
    const job = await inspanOn(model).start(writers, wholeBrief);
    const { result, files, usage, cost, digest } = await job.result();
    expect(result).toEqual({
      insights: artifacts['insights.md'],
      drafts: { x: artifacts['drafts/x.md'], blog: artifacts['drafts/blog.md'] },
      review: artifacts['review.md'],
    });
    expect(Object.keys(files)).toEqual([
      'brief.md',
      'drafts/blog.md',
      'drafts/x.md',
      'insights.md',
      'review.md',
      'source.md',
    ]);
    expect(Object.keys(usage.agents).sort()).toEqual([
      'blog-writer',
      'extractor',
      'lead',
      'reviewer',
      'x-writer',
    ]);
    expect([cost.usd, digest]).toEqual([0, writers.digest]);
    model.expectExhausted();
  });

  it('never lets artifact text into the lead’s thread', async () => {
    const model = goodTeam();
    await (await inspanOn(model).start(writers, wholeBrief)).result();
    for (const text of Object.values(artifacts)) {
      for (const word of text.split(' ').filter((each) => each.length > 4))
        expect(leadThread(model)).not.toContain(word);
    }
    expect(leadThread(model)).not.toContain('counts to 42');
    expect(toldLead(model)[0]).toBe('extractor is done: insights.md (47 bytes, version 1).');
  });

  it('gives the lead no tool but list_files and delegate', async () => {
    const model = goodTeam();
    await (await inspanOn(model).start(writers, wholeBrief)).result();
    const [first] = model.requests.filter(({ lane }) => lane === 'lead');
    expect(first?.tools.map(({ name }) => name)).toEqual(['list_files', 'delegate']);
  });

  it('runs members that do not read each other at once', async () => {
    const model = goodTeam();
    const job = await inspanOn(model).start(writers, wholeBrief);
    const seen: string[] = [];
    for await (const event of job.events()) {
      if (event.type === 'agent-started' || event.type === 'agent-ended')
        seen.push(`${event.agent} ${event.type}`);
    }
    expect(seen.indexOf('blog-writer agent-started')).toBeLessThan(seen.indexOf('x-writer agent-ended'));
    expect(seen.indexOf('reviewer agent-started')).toBeGreaterThan(seen.indexOf('blog-writer agent-ended'));
  });

  it('shows members only their own task: nothing of the lead’s or a sibling’s conversation', async () => {
    const model = goodTeam();
    await (await inspanOn(model).start(writers, wholeBrief)).result();
    const [first] = model.requests.filter(({ lane }) => lane.endsWith('x-writer'));
    expect(first?.messages).toHaveLength(1);
    expect(JSON.stringify(first)).not.toContain('Lead the team');
    expect(first?.messages[0]?.blocks).toEqual([
      {
        type: 'text',
        text: 'Your task for this job.\n\nRead:\n- brief.md\n- insights.md\n\nWrite:\n- drafts/x.md\n\nRead the files with read_file, then write drafts/x.md with write_file and answer with one sentence that says what you did.',
      },
    ]);
  });

  it('tells a lead that asks for a member the brief does not ask for', async () => {
    const { model, ended } = await runWith(
      {
        lead: [
          callTool('delegate', { agent: 'extractor' }),
          callTool('delegate', { agent: 'blog-writer' }),
          callTool('delegate', { agent: 'x-writer' }),
          callTool('delegate', { agent: 'reviewer' }),
          say('Done.'),
        ],
        reviewer: member('review.md', ['drafts/x.md']),
        'blog-writer': [],
      },
      { ...wholeBrief, params: { platforms: ['x'] } },
    );
    expect(toldLead(model)[1]).toBe(
      'This brief does not ask for blog-writer. It asks for: extractor, x-writer, reviewer.',
    );
    expect([ended.outcome, Object.keys(ended.result.drafts)]).toEqual(['done', ['x']]);
  });

  it('tells a lead that wants to finish with an artifact missing, and fails when it insists', async () => {
    const { model, ended } = await runWith({
      lead: [callTool('delegate', { agent: 'extractor' }), say('Done.'), say('Done!'), say('Done!!')],
      'x-writer': [],
      'blog-writer': [],
      reviewer: [],
    });
    expect(toldLead(model).at(-1)).toContain('Not done yet: drafts/x.md (delegate to x-writer)');
    expect(ended).toMatchObject({ outcome: 'failed', failure: { code: 'artifacts-missing' } });
    expect(ended.result.insights).toBe(artifacts['insights.md']);
  });

  it('lets verification run last only, and again when something was written after it', async () => {
    const lead = (agent: string) => callTool('delegate', { agent });
    const { model, ended } = await runWith({
      lead: [
        lead('reviewer'),
        lead('extractor'),
        lead('x-writer'),
        lead('reviewer'),
        lead('blog-writer'),
        lead('reviewer'),
        lead('x-writer'),
        say('Done.'),
        lead('reviewer'),
        say('Done.'),
      ],
      'x-writer': [...scriptOf('drafts/x.md'), ...scriptOf('drafts/x.md')],
      reviewer: [...scriptOf('review.md'), ...scriptOf('review.md')],
    });
    const told = toldLead(model);
    expect(told[0]).toContain('reviewer comes after extractor (insights.md), x-writer (drafts/x.md)');
    expect(told[3]).toBe('reviewer comes after blog-writer (drafts/blog.md). Delegate that first.');
    expect(told[7]).toBe(
      'Not done yet: review.md (delegate to reviewer). Verification runs last, after every other artifact.',
    );
    expect(ended.outcome).toBe('done');
    model.expectExhausted();
  });

  it('tells a member once what is missing, then its lead, and runs it once more', async () => {
    const { model, ended } = await runWith({
      lead: [
        callTool('delegate', { agent: 'extractor' }),
        callTool('delegate', { agent: 'extractor', note: 'Please write it this time.' }),
        callTools([
          { name: 'delegate', input: { agent: 'x-writer' } },
          { name: 'delegate', input: { agent: 'blog-writer' } },
        ]),
        callTool('delegate', { agent: 'reviewer' }),
        say('Done.'),
      ],
      extractor: [say('I am done.'), say('I insist.'), ...scriptOf('insights.md')],
    });
    expect(toldLead(model)[0]).toBe('extractor failed (artifact-missing). Delegate to it once more.');
    const second = model.requests.find(({ lane }) => lane === 'lead/turn-2/call-0/extractor');
    expect(JSON.stringify(second?.messages)).toContain('A note from the lead: Please write it this time.');
    expect(ended.outcome).toBe('done');
  });

  it('ends with the member’s own reason when it fails for good', async () => {
    const { ended } = await runWith({
      lead: [
        callTool('delegate', { agent: 'extractor' }),
        callTool('delegate', { agent: 'extractor' }),
        say('It cannot be done.'),
      ],
      extractor: [say('No.'), say('No.'), say('No.'), say('No.')],
      'x-writer': [],
      'blog-writer': [],
      reviewer: [],
    });
    expect(ended.failure?.message).toContain('insights.md is missing: extractor failed');
  });

  it('lets an outage in a member end the job, not the lead guess about it', async () => {
    const { model, ended } = await runWith({
      extractor: [failWith('provider-down')],
      'x-writer': [],
      'blog-writer': [],
      reviewer: [],
      lead: [callTool('delegate', { agent: 'extractor' })],
    });
    expect(ended).toMatchObject({ outcome: 'failed', failure: { code: 'provider-down' } });
    model.expectExhausted();
  });

  it('keeps what exists when it is cancelled', async () => {
    const model = scriptedTeam({ ...goodScripts(), 'x-writer': [neverAnswer()] });
    const job = await inspanOn(model).start(writers, wholeBrief);
    for await (const event of job.events()) {
      if (event.type === 'agent-started' && event.agent === 'x-writer') job.cancel();
    }
    const ended = await job.outcome();
    expect([ended.outcome, ended.result.insights]).toEqual(['cancelled', artifacts['insights.md']]);
    await expect(job.result()).rejects.toThrow('was cancelled');
  });
});

function scriptOf(path: keyof typeof artifacts) {
  return [callTool('write_file', { path, content: artifacts[path] }), say('Written.')];
}

describe('scopes', () => {
  it('keep an agent from reading and writing what it does not declare', async () => {
    const calls = [
      { name: 'read_file', input: { path: 'brief.md' } },
      { name: 'write_file', input: { path: 'review.md', content: 'mine' } },
      { name: 'read_file', input: { path: '../secret' } },
      { name: 'list_files', input: {} },
    ];
    const { model, ended } = await runWith({ extractor: [callTools(calls), ...scriptOf('insights.md')] });
    const extractor = model.requests.filter(({ lane }) => lane.endsWith('extractor'))[1];
    const told = extractor?.messages
      .at(-1)
      ?.blocks.map((block) => ('failed' in block ? [block.failed, block.text] : []));
    expect(told?.map((each) => each[0])).toEqual([true, true, true, false]);
    expect(told?.[3]?.[1]).toMatch(/^source\.md \(/);
    expect(ended.result.review).toBe(artifacts['review.md']);
  });
});

describe('static parts', () => {
  it('are byte-identical in two jobs with different briefs', async () => {
    const parts = [];
    for (const brief of [
      wholeBrief,
      { brief: 'Something else.', files: { 'source.md': 'Other words.' }, params: wholeBrief.params },
    ]) {
      const model = goodTeam();
      await (await inspanOn(model).start(writers, brief)).result();
      const last = new Map(
        model.requests.map(({ lane, tools, system }) => [lane, JSON.stringify({ tools, system })]),
      );
      parts.push([...last].sort(([a], [b]) => a.localeCompare(b)));
    }
    expect(parts[0]).toEqual(parts[1]);
    expect(parts[0]).toHaveLength(5);
  });

  it('are the same for one agent from its first turn to its last', async () => {
    const model = goodTeam();
    await (await inspanOn(model).start(writers, wholeBrief)).result();
    for (const lane of new Set(model.requests.map((request) => request.lane))) {
      const own = model.requests.filter((request) => request.lane === lane);
      expect(new Set(own.map(({ tools, system }) => JSON.stringify({ tools, system }))).size).toBe(1);
    }
  });
});

describe('the event stream', () => {
  it('numbers every fact without gaps and holds no text of prompts or files', async () => {
    const job = await inspanOn(goodTeam()).start(writers, wholeBrief);
    const events: NumberedEvent[] = [];
    for await (const event of job.events()) events.push(event);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const told = JSON.stringify(events.map((event) => ('said' in event ? { ...event, said: '' } : event)));
    for (const secret of ['zebra', 'counts to 42', 'Lead the team', 'Launch it'])
      expect(told).not.toContain(secret);
  });

  it('adds up to the bill', async () => {
    const job = await inspanOn(goodTeam()).start(writers, wholeBrief);
    const { usage } = await job.result();
    let inputTokens = 0;
    for await (const event of job.events())
      if (event.type === 'model-called') inputTokens += event.usage.inputTokens;
    expect(usage.total.usage.inputTokens).toBe(inputTokens);
    expect(usage.total.calls).toBe(17);
  });
});
