import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '../../core/index.ts';
import { callTool, failWith, neverAnswer, type Script, say, scriptedTeam } from '../../models/testing.ts';
import { runCommandLine } from '../commands.ts';
import { type CapturedIo, createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';
import type { JobReport } from './job-report.ts';

let desk: TestDesk;
beforeEach(async () => {
  desk = await openTestDesk();
});
afterEach(() => desk.close());

const typed = ['run', 'kit', '--file', 'source.md', '--param', 'platforms=x'];
const usage = {
  inputTokens: 1000,
  cacheReadTokens: 200,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 50,
  reasoningTokens: 0,
};

function writes(path: string): Script {
  return [
    callTool('write_file', { path, content: `This is ${path}.\n` }, { usage }),
    say(`I wrote ${path}.`, { usage }),
  ];
}

function model(scripts: Readonly<Record<string, Script>> = {}): Model {
  return scriptedTeam(
    {
      lead: [
        callTool('delegate', { agent: 'extractor' }, { usage }),
        callTool('delegate', { agent: 'x-writer' }, { usage }),
        callTool('delegate', { agent: 'reviewer' }, { usage }),
        say('Everything is there.', { usage }),
      ],
      extractor: writes('insights.md'),
      'x-writer': writes('drafts/x.md'),
      reviewer: writes('review.md'),
      ...scripts,
    },
    { id: 'anthropic/claude-sonnet-5' },
  );
}

function open(scripts?: Readonly<Record<string, Script>>): CapturedIo {
  return createCapturedIo({ directory: desk.directory, model: model(scripts) });
}

function reportIn(io: CapturedIo): JobReport {
  return JSON.parse(io.stdout()) as JobReport;
}

describe('inspan run in a pipe', () => {
  it('says line by line what happens, and then what there is and where', async () => {
    const io = open();
    expect(await runCommandLine([...typed, '--out', 'made'], io)).toBe(0);
    expect(io.stderr()).toBe('');
    expect(io.stdout().split('\n')).toEqual([
      'kit: 4 agents',
      'lead: started',
      'lead: its static part has 629 tokens; the prompt cache of anthropic/claude-sonnet-5 begins at 1,024',
      'extractor: started',
      'extractor: wrote insights.md (21 bytes)',
      'extractor: done, 2 calls, 2,400 tokens in, 100 out, cost $0.0051',
      'x-writer: started',
      'x-writer: wrote drafts/x.md (21 bytes)',
      'x-writer: done, 2 calls, 2,400 tokens in, 100 out, cost $0.0051',
      'reviewer: started',
      'reviewer: wrote review.md (19 bytes)',
      'warning: agents/reviewer.md:5: the date "2026-11-02" stands in prompt:reviewer of reviewer: each time it changes, 10 tokens are cached anew, <$0.0001 lost',
      'reviewer: done, 2 calls, 2,400 tokens in, 100 out, cost $0.0051',
      'lead: done, 4 calls, 4,800 tokens in, 200 out, cost $0.0102',
      '',
      'done after 0.0 s: 12,000 tokens in (2,000 of them from cache), 500 out, cost $0.0254',
      'warning: agents/reviewer.md:5: the date "2026-11-02" stands in prompt:reviewer of reviewer: each time it changes, 10 tokens are cached anew, <$0.0001 lost',
      '',
      'made/',
      '  insights.md  21 bytes  by extractor',
      '  drafts/x.md  21 bytes  by x-writer',
      '  review.md    19 bytes  by reviewer',
      '  result.json            all of this as JSON',
      '',
    ]);
  });

  it('leaves the files where it says, with the report beside them', async () => {
    expect(await runCommandLine(typed, open())).toBe(0);
    const out = join('inspan-out', 'kit-job_1');
    expect(await desk.read(join(out, 'drafts/x.md'))).toBe('This is drafts/x.md.\n');
    expect(await desk.read(join(out, 'source.md'))).toBe(await desk.read('source.md'));
    expect(JSON.parse(await desk.read(join(out, 'result.json')))).toMatchObject({ outcome: 'done', out });
  });

  it('says who was not asked for, and what was cut', async () => {
    await desk.write(
      'long.md',
      `# Long\n\n${'Many words stand in this line of the source.\n\n'.repeat(400)}`,
    );
    const io = open({
      lead: [
        callTool('delegate', { agent: 'extractor' }),
        callTool('delegate', { agent: 'reviewer' }),
        say('Done.'),
      ],
    });
    expect(await runCommandLine(['run', 'kit', '--file', 'source.md=long.md'], io)).toBe(0);
    expect(io.stdout()).toContain('x-writer: skipped, the brief does not ask for it\n');
    const cut = /^source\.md was cut: first [\d,]+ of 18,408 characters kept$/gm;
    expect(io.stdout().match(cut)).toHaveLength(2);
  });

  it('never writes its report over what an agent made', async () => {
    await desk.write('solo/agents/solo.md', '---\nname: solo\ndescription: Works alone.\n---\nWork.\n');
    await desk.write('solo/team.yaml', 'agents: { solo: { writes: result.json } }\n');
    const solo = [callTool('write_file', { path: 'result.json', content: '{"mine":true}' }), say('Done.')];
    const io = createCapturedIo({ directory: desk.directory, model: scriptedTeam({ solo }) });
    expect(await runCommandLine(['run', 'solo', '--brief', 'Go.', '--out', 'made'], io)).toBe(0);
    expect(await desk.read('made/result.json')).toBe('{"mine":true}');
    expect(JSON.parse(await desk.read('made/.inspan/result.json'))).toMatchObject({ outcome: 'done' });
    expect(io.stdout()).toContain('.inspan/result.json');
  });

  it('brings no escape sequences of models to the terminal', async () => {
    const io = open({ lead: [say('\u001B[2JHacked.\u0007')], extractor: [] });
    await runCommandLine(typed, io);
    expect(io.stdout() + io.stderr()).not.toContain('\u001B');
    expect(io.stdout() + io.stderr()).not.toContain('\u0007');
  });
});

describe('a job that fails', () => {
  it('answers 1, says why on one line, and keeps what there is', async () => {
    const refused = failWith({
      code: 'request-rejected',
      message: 'The provider rejected the request: too long.',
    });
    const io = open({
      'x-writer': [refused, refused],
      lead: [
        callTool('delegate', { agent: 'extractor' }),
        callTool('delegate', { agent: 'x-writer' }),
        callTool('delegate', { agent: 'x-writer' }),
        say('It cannot be done.'),
        say('No.'),
        say('No.'),
        say('No.'),
      ],
    });
    expect(await runCommandLine([...typed, '--out', 'made'], io)).toBe(1);
    expect(io.stderr()).toMatch(/^inspan: .+\n$/);
    expect(io.stdout()).toContain(
      'x-writer: failed (request-rejected): The provider rejected the request: too long.',
    );
    expect(io.stdout()).toMatch(/^failed \([a-z-]+\) after /m);
    expect(await desk.read('made/insights.md')).toBe('This is insights.md.\n');
    expect(JSON.parse(await desk.read('made/result.json'))).toMatchObject({ outcome: 'failed' });
  });

  it('is JSON all the same with --json', async () => {
    const io = open({ lead: [failWith('provider-down')] });
    expect(await runCommandLine([...typed, '--json'], io)).toBe(1);
    expect(reportIn(io)).toMatchObject({ outcome: 'failed', failure: { code: 'provider-down' } });
    expect(io.stderr()).toBe('inspan: The script says: provider-down.\n');
  });
});

describe('inspan run --json', () => {
  it('prints one document and nothing else, and writes nothing', async () => {
    const before = await desk.everything();
    const io = open();
    expect(await runCommandLine([...typed, '--json'], io)).toBe(0);
    expect(io.stderr()).toBe('');
    const report = reportIn(io);
    expect(Object.keys(report)).toEqual([
      'job',
      'team',
      'digest',
      'outcome',
      'failure',
      'result',
      'cuts',
      'warnings',
      'models',
      'usage',
      'cost',
      'elapsedMs',
    ]);
    expect(report).toMatchObject({
      job: 'job_1',
      outcome: 'done',
      failure: null,
      result: {
        insights: 'This is insights.md.\n',
        drafts: { x: 'This is drafts/x.md.\n' },
        review: 'This is review.md.\n',
      },
      models: ['anthropic/claude-sonnet-5'],
      cost: { usd: 0.0254 },
    });
    expect(await desk.everything()).toEqual(before);
  });

  it('accounts for every agent, and the sum is the sum', async () => {
    const io = open();
    await runCommandLine([...typed, '--json'], io);
    const { total, agents } = reportIn(io).usage;
    expect(agents['extractor']).toMatchObject({
      calls: 2,
      toolCalls: 1,
      inputTokens: 2000,
      cacheReadTokens: 400,
      outputTokens: 100,
      costUsd: 0.00508,
    });
    const sum = Object.values(agents).reduce((calls, agent) => calls + agent.calls, 0);
    expect(total.calls).toBe(sum);
  });

  it('writes files only where --out says', async () => {
    const io = open();
    expect(await runCommandLine([...typed, '--json', '--out', 'made/here'], io)).toBe(0);
    expect(reportIn(io)).toEqual(JSON.parse(await desk.read('made/here/result.json')));
    expect(await desk.read('made/here/review.md')).toBe('This is review.md.\n');
  });
});

describe('a brief on the command line', () => {
  it('may come from a file or from standard input', async () => {
    await desk.write('brief.txt', 'Be brief.\n');
    const made = ['--out', 'made'];
    expect(await runCommandLine([...typed, ...made, '--brief', '@brief.txt'], open())).toBe(0);
    expect(await desk.read('made/brief.md')).toContain('Be brief.');
    const io = createCapturedIo({ directory: desk.directory, model: model(), input: 'Be bold.' });
    expect(await runCommandLine([...typed, '--out', 'more', '--brief', '-'], io)).toBe(0);
    expect(await desk.read('more/brief.md')).toContain('Be bold.');
  });

  it('gives a file the only name there is, and joins a list that is given item by item', async () => {
    const io = open();
    const more = ['--param', 'platforms=blog', '--param', 'length=3', '--out', 'made'];
    await desk.write('notes.txt', 'Some notes.\n');
    expect(
      await runCommandLine(['run', 'kit', '--file', 'notes.txt', '--param', 'platforms=x', ...more], io),
    ).toBe(0);
    expect(await desk.read('made/source.md')).toBe('Some notes.\n');
    expect(await desk.read('made/brief.md')).toContain('- platforms: ["x","blog"]\n- length: 3\n');
  });
});

describe('Ctrl-C', () => {
  it('stops the job, keeps what exists, says where, and answers 130', async () => {
    const io = open({
      'x-writer': () => {
        // The first agent is done by now; this one would think for ever.
        queueMicrotask(() => io.interrupt());
        return neverAnswer();
      },
    });
    expect(await runCommandLine([...typed, '--out', 'made'], io)).toBe(130);
    expect(io.stdout()).toContain('cancelled after ');
    expect(io.stdout()).toContain('made/\n  insights.md');
    expect(io.stderr()).toBe('');
    expect(await desk.read('made/insights.md')).toBe('This is insights.md.\n');
    expect(JSON.parse(await desk.read('made/result.json'))).toMatchObject({ outcome: 'cancelled' });
  });
});

describe('inspan run --estimate', () => {
  it('says what each agent would cost, asks nobody, and writes nothing', async () => {
    const before = await desk.everything();
    const io = createCapturedIo({ directory: desk.directory, environment: {} });
    expect(await runCommandLine([...typed, '--estimate'], io)).toBe(0);
    const lines = io.stdout().split('\n');
    expect(lines[0]).toMatch(/^agent +model +turns +tokens in +tokens out +cost +at most$/);
    expect(lines.slice(1, 6).map((line) => line.split(/ +/).slice(0, 3))).toEqual([
      ['lead', 'anthropic/claude-sonnet-5', '4'],
      ['extractor', 'ollama/qwen3:8b', '3'],
      ['x-writer', 'anthropic/claude-sonnet-5', '3'],
      ['reviewer', 'anthropic/claude-sonnet-5', '3'],
      ['total', expect.any(String), expect.any(String)],
    ]);
    expect(io.stdout()).toContain("The team's budget ends a job at $0.50.\n");
    expect(await desk.everything()).toEqual(before);
  });

  it('needs no key, whatever the model', async () => {
    const io = createCapturedIo({ directory: desk.directory, environment: {} });
    expect(
      await runCommandLine([...typed, '--estimate', '--json', '--model', 'openai/gpt-6.1-terra'], io),
    ).toBe(0);
    const { agents, total, budgetUsd } = JSON.parse(io.stdout()) as {
      agents: { model: string; costUsd: number }[];
      total: { costUsd: number };
      budgetUsd: number;
    };
    expect(new Set(agents.map(({ model: id }) => id))).toEqual(new Set(['openai/gpt-6.1-terra']));
    expect(total.costUsd).toBeCloseTo(
      agents.reduce((sum, { costUsd }) => sum + costUsd, 0),
      6,
    );
    expect(budgetUsd).toBe(0.5);
  });

  it('still checks the brief', async () => {
    const io = createCapturedIo({ directory: desk.directory });
    expect(await runCommandLine(['run', 'kit', '--estimate'], io)).toBe(2);
    expect(io.stderr()).toContain('source.md is missing');
  });
});

describe('a wrong brief', () => {
  it('leaves no folder behind', async () => {
    expect(await runCommandLine(['run', 'kit', '--out', 'made'], open())).toBe(2);
    expect(existsSync(join(desk.directory, 'made'))).toBe(false);
  });
});
