import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentFile, type TeamFiles, writeTeamFolder } from '../../../test/setup/team-folder.ts';
import { failureLine, InspanError } from '../../core/index.ts';
import { ruleMatches } from '../../workspace/index.ts';
import { defineTeam } from '../define-team.ts';
import type { Team } from '../team.ts';
import { loadTeam } from './load-team.ts';

async function load(files: TeamFiles): Promise<Team> {
  const loaded = await loadTeam(await writeTeamFolder(files));
  if (!loaded.ok) throw new InspanError(loaded.failures);
  return loaded.team;
}

const skillFile = (name: string) => `---\nname: ${name}\ndescription: does ${name}\n---\nKnow ${name}.\n`;
const toolFile = (name: string) => `export const made = {
  name: '${name}',
  purpose: 'Digs.',
  inputSchema: { type: 'object', properties: {} },
  effect: 'read',
  replay: 'safe',
  parse: (input: unknown) => ({ ok: true, value: input }),
  run: async () => ({ ok: true, value: { text: 'dug' } }),
};
`;

describe('a team folder', () => {
  it('needs one agent and nothing else', async () => {
    const team = await load({ 'agents/writer.md': 'Write something good.\n' });
    expect(team).toMatchObject({ name: 'team', pattern: 'pipeline', lead: null, memory: null });
    const [writer] = team.members;
    expect(writer).toMatchObject({ name: 'writer', writes: 'writer.md', readsInputs: true });
    expect(writer?.prompt).toEqual({
      text: 'Write something good.',
      source: { file: 'agents/writer.md', line: 1 },
    });
  });

  it('may be the one Claude Code reads, with its skills and memory', async () => {
    const team = await load({
      '.claude/agents/a.md': agentFile('a', 'skills: one\ntools: Read, Write\n'),
      '.claude/skills/one/SKILL.md': skillFile('one'),
      'CLAUDE.md': 'Be true.\n',
    });
    expect(team.members[0]?.skill?.body).toBe('Know one.');
    expect(team.memory?.text).toBe('Be true.');
    expect(team.notices).toEqual([]);
  });

  it('is read from agents/ alone where that is there', async () => {
    const team = await load({
      'agents/a.md': agentFile('a'),
      'agents/README.md': 'For people.',
      '.claude/agents/b.md': agentFile('b'),
    });
    expect(team.members.map(({ name }) => name)).toEqual(['a']);
  });

  it('gives an agent the skill of its own name, or those it names, or none', async () => {
    const team = await load({
      'agents/a.md': agentFile('a'),
      'agents/b.md': agentFile('b', 'skills: [one, a]\n'),
      'agents/c.md': agentFile('c', 'skills: []\n'),
      'skills/a/SKILL.md': skillFile('a'),
      'skills/c/SKILL.md': skillFile('c'),
      'skills/one/SKILL.md': skillFile('one'),
    });
    const skills = team.members.map(({ skill, moreSkills }) => [
      skill?.name,
      ...moreSkills.map(({ name }) => name),
    ]);
    expect(skills).toEqual([['a'], ['one', 'a'], [undefined]]);
  });

  it('gives its own tools to those who name them, and tells of idle ones', async () => {
    const team = await load({
      'agents/a.md': agentFile('a', 'tools: [Read, check-facts]\n'),
      'agents/b.md': agentFile('b'),
      'tools/check-facts.ts': toolFile('check_facts'),
      'tools/idle.ts': toolFile('idle'),
    });
    expect(team.members.map(({ tools }) => tools.at(-1)?.name)).toEqual(['check_facts', 'search_files']);
    expect(team.notices).toEqual([
      { message: expect.stringContaining('idle'), place: { file: 'tools/idle.ts' } },
    ]);
  });

  it('with a broken tool tells of that tool, not of those who name it', async () => {
    const loaded = await loadTeam(
      await writeTeamFolder({
        'agents/a.md': agentFile('a', 'tools: dig\n'),
        'tools/dig.ts': 'export const dig = ;\n',
      }),
    );
    const lines = loaded.ok ? [] : loaded.failures.map(failureLine);
    expect(lines).toEqual([expect.stringMatching(/^tools\/dig\.ts/)]);
  });

  it('takes the schema of an output from a file, as if it stood in the settings', async () => {
    const schema = '{ "type": "object", "properties": { "n": { "type": "integer" } } }';
    const agents = { 'agents/a.md': agentFile('a') };
    const beside = await load({
      ...agents,
      'team.yml': 'agents: { a: { output: n.json } }',
      'n.json': schema,
    });
    const inside = await load({ ...agents, 'team.yaml': `agents: { a: { output: ${schema} } }` });
    expect(beside.members[0]).toMatchObject({ writes: 'a.json', output: JSON.parse(schema) });
    expect(beside.digest).toBe(inside.digest);
  });

  it('is the same with the line ends of Windows', async () => {
    const files = {
      'agents/a.md': agentFile('a', 'model: x/y\n'),
      'AGENTS.md': 'One\n\nTwo\n',
      'team.yaml': 'agents:\n  a:\n    last: false\n',
    };
    const windows = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, text.replaceAll('\n', '\r\n')]),
    );
    expect((await load(windows)).digest).toBe((await load(files)).digest);
  });

  it('may share settings with the anchors of YAML', async () => {
    const team = await load({
      'agents/a.md': agentFile('a'),
      'agents/b.md': agentFile('b'),
      'team.yaml': 'agents:\n  a: &one { model: x/y, effort: low }\n  b: { <<: *one, effort: high }\n',
    });
    expect(team.members.map(({ model, effort }) => [model, effort])).toEqual([
      ['x/y', 'low'],
      ['x/y', 'high'],
    ]);
  });
});

describe('the order of members', () => {
  it('always puts those who write before those who read, whatever the order they stand in', () => {
    const teams = fc.integer({ min: 1, max: 8 }).chain((size) =>
      fc.tuple(
        fc.array(fc.array(fc.nat(7), { maxLength: 4 }), { minLength: size, maxLength: size }),
        fc.shuffledSubarray(
          Array.from({ length: size }, (_, one) => one),
          { minLength: size },
        ),
      ),
    );
    fc.assert(
      fc.property(teams, ([reads, order]) => {
        // Agent n reads only of agents before n, so there is no circle.
        const agents = Object.fromEntries(
          order.map((one) => {
            const earlier = (reads[one] ?? []).filter((other) => other < one).map((other) => `a${other}.md`);
            return [`a${one}`, { prompt: 'Work.', reads: ['brief.md', ...earlier] }];
          }),
        );
        const { members } = defineTeam({ pattern: 'pipeline', agents });
        for (const [position, member] of members.entries()) {
          for (const rule of member.reads.filter((path) => path !== 'brief.md')) {
            const writer = members.findIndex(({ writes }) => ruleMatches(rule, writes));
            expect(writer).toBeLessThan(position);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
