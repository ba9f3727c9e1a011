import { describe, expect, it } from 'vitest';
import { createInspan, failureLine } from '../src/inspan.ts';

const folder = 'test/teams/borrowed';
const change = '# Change\n\nThe parser now reads 2 GB files. It no longer keeps them in memory.\n';

describe('a team folder that somebody else wrote for another harness', () => {
  it('loads unchanged, and says what it cannot do yet', async () => {
    const team = await createInspan({ environment: {} }).loadTeam(folder);
    expect(team.members.map(({ name, writes }) => [name, writes])).toEqual([
      ['code-reviewer', 'code-reviewer.md'],
      ['explain-change', 'explain-change.md'],
      ['release-noter', 'release-noter.md'],
    ]);
    const [reviewer, explainer] = team.members;
    expect([reviewer?.model, explainer?.model]).toEqual(['anthropic/claude-sonnet-5', 'default']);
    expect(reviewer?.tools.map(({ name }) => name)).toEqual([
      'list_files',
      'read_file',
      'write_file',
      'search_files',
    ]);
    expect([reviewer?.skill, explainer?.skill?.name]).toEqual([null, 'explain-change']);
    expect(team.memory?.text).toContain('Short sentences.');
    const lines = team.notices.map(({ message, place }) =>
      failureLine({ code: 'wrong-team', message, ...(place ? { place } : {}) }),
    );
    expect(lines.some((line) => /^\.claude\/agents\/code-reviewer\.md:4: .*Bash/.test(line))).toBe(true);
    expect(lines.some((line) => line.includes('WebFetch'))).toBe(true);
    expect(lines.some((line) => line.includes('review-code'))).toBe(true);
  });

  it('runs offline as it is, under a lead of Inspan’s own', async () => {
    const inspan = createInspan({ environment: {}, model: 'offline' });
    const team = await inspan.loadTeam(folder);
    expect([team.pattern, team.lead?.name]).toEqual(['supervisor', 'lead']);
    const job = await inspan.start(team, { files: { 'change.md': change } });
    const { result } = await job.result();
    expect(Object.keys(result)).toEqual(['code-reviewer', 'explain-change', 'release-noter']);
    for (const text of Object.values(result)) expect(text).toContain('2 GB files');
  });
});
