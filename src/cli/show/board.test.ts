import { describe, expect, it } from 'vitest';
import type { JobEvent, Usage } from '../../core/index.ts';
import type { Team } from '../../team/index.ts';
import { type BoardFrame, boardLines } from './board.ts';
import { advance, type JobView, newJobView, totalOf } from './job-view.ts';
import { columnsOf } from './wording.ts';

const names = ['extractor', 'x-writer', 'blog-writer', 'reviewer'];
const files = ['insights.md', 'drafts/x.md', 'drafts/blog.md', 'review.md'];
const team = {
  name: 'launch-kit',
  lead: { name: 'lead' },
  members: names.map((name, position) => ({ name, writes: files[position] })),
} as unknown as Team;
const frame: BoardFrame = {
  columns: 100,
  hasColor: false,
  elapsedMs: 83_400,
  models: ['anthropic/claude-sonnet-5'],
};
const usage: Usage = {
  inputTokens: 1000,
  cacheReadTokens: 3000,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 200,
  reasoningTokens: 12,
};

function called(agent: string, costMicroUsd: number | 'unknown' = 4100): JobEvent {
  return {
    type: 'model-called',
    agent,
    key: agent,
    model: 'm',
    usage,
    costMicroUsd,
    replayed: false,
    contextTokens: 1,
  };
}

function viewAfter(...events: readonly JobEvent[]): JobView {
  return events.reduce<JobView>(
    (view, event, before) => advance(view, { ...event, seq: before + 1, atMs: 0 }),
    newJobView(team, null),
  );
}

const story: readonly JobEvent[] = [
  { type: 'job-started', team: 'launch-kit', digest: 'd', agents: ['lead', ...names] },
  { type: 'agent-skipped', agent: 'blog-writer', reason: 'the brief does not ask for it' },
  { type: 'agent-started', agent: 'lead', key: 'lead' },
  called('lead'),
  { type: 'agent-started', agent: 'extractor', key: 'a' },
  called('extractor'),
  { type: 'file-written', agent: 'extractor', path: 'insights.md', bytesSize: 1234, version: 1 },
  { type: 'tool-called', agent: 'extractor', key: 'a', tool: 'write_file', failed: null, replayed: false },
  { type: 'agent-ended', agent: 'extractor', key: 'a', outcome: 'done', code: null, said: 'I did it.' },
  { type: 'agent-started', agent: 'x-writer', key: 'b' },
  called('x-writer'),
  {
    type: 'tool-called',
    agent: 'x-writer',
    key: 'b',
    tool: 'read_file',
    failed: 'file-not-found',
    replayed: false,
  },
];

describe('the board', () => {
  it('shows who works on what, what is there, and what it costs', () => {
    expect(boardLines(viewAfter(...story), frame)).toEqual([
      'launch-kit on anthropic/claude-sonnet-5',
      '',
      '▸ works    lead                                      4,000 in  212 out  $0.0041  delegates',
      '✓ done     extractor    insights.md     1,234 bytes  4,000 in  212 out  $0.0041',
      '▸ works    x-writer     drafts/x.md                  4,000 in  212 out  $0.0041  asks the model aft…',
      '- skipped  blog-writer  drafts/blog.md                                           the brief does not…',
      '· waits    reviewer     review.md',
      '',
      '12,000 tokens in, 636 out, cost $0.0123, 1 min 23 s',
    ]);
  });

  it('says at the end who was stopped and whose turn never came', () => {
    const ended = viewAfter(...story, { type: 'job-ended', outcome: 'cancelled', code: 'cancelled' });
    const lines = boardLines(ended, frame);
    expect(lines.find((line) => line.includes('x-writer'))).toMatch(/^✗ failed .+ stopped$/);
    expect(lines.find((line) => line.includes('reviewer'))).toMatch(/^- skipped .+ its turn never came$/);
    expect(lines.find((line) => line.includes('extractor'))).toMatch(/^✓ done /);
  });

  it.each([0, 1, 7, 20, 40, 200])('is never wider than %i columns', (columns) => {
    const wide = {
      ...viewAfter(...story),
      team: '日本語のチーム'.repeat(5),
      notice: 'Model offline: '.repeat(20),
    };
    for (const line of boardLines(wide, { ...frame, columns }))
      expect(columnsOf(line)).toBeLessThanOrEqual(columns);
  });

  it('colors the state and nothing else, and only where there is color', () => {
    const colored = boardLines(viewAfter(...story), { ...frame, hasColor: true });
    expect(colored[3]?.startsWith('\u001B[32m✓ done\u001B[39m     extractor ')).toBe(true);
    expect(boardLines(viewAfter(...story), frame).join('')).not.toContain('\u001B');
  });

  it('shows an escape sequence of a name as text', () => {
    const view = { ...newJobView(team, 'a\u001B[2Jb\nc'), team: 'k\u0007it' };
    const [title, notice] = boardLines(view, frame);
    expect([title, notice]).toEqual(['k it on anthropic/claude-sonnet-5', 'ab c']);
  });
});

describe('a job that is watched', () => {
  it('costs what is unknown as soon as one call does', () => {
    const view = viewAfter(called('lead'), called('extractor', 'unknown'));
    expect(totalOf(view).costMicroUsd).toBe('unknown');
    expect(boardLines(view, frame).at(-1)).toContain('cost unknown');
  });

  it('works again when an agent is run again', () => {
    const failed: JobEvent = {
      type: 'agent-ended',
      agent: 'extractor',
      key: 'a',
      outcome: 'failed',
      code: 'timeout',
      said: 'Late.',
    };
    const once = viewAfter(
      { type: 'agent-started', agent: 'extractor', key: 'a' },
      called('extractor'),
      failed,
    );
    expect(boardLines(once, frame).find((line) => line.includes('extractor'))).toMatch(
      /^✗ failed .+ timeout$/,
    );
    const twice = viewAfter({ type: 'agent-started', agent: 'extractor', key: 'a' }, failed, {
      type: 'agent-started',
      agent: 'extractor',
      key: 'b',
    });
    expect(boardLines(twice, frame).find((line) => line.includes('extractor'))).toMatch(/^▸ works /);
  });

  it('counts only the artifact an agent owes', () => {
    const view = viewAfter({
      type: 'file-written',
      agent: 'extractor',
      path: 'tool-results/extractor/1.txt',
      bytesSize: 9,
      version: 1,
    });
    expect(view.agents.every(({ bytesSize }) => bytesSize === null)).toBe(true);
  });
});
