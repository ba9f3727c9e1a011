import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentFile, type TeamFiles, writeTeamFolder } from '../../test/setup/team-folder.ts';
import { failureLine } from '../core/index.ts';
import { loadTeam } from './folder/load-team.ts';

/** What it is about, the folder, where it is told, and what of the message. */
type Row = readonly [about: string, files: TeamFiles, place: string, text: string];

const rows = (table: readonly Row[]) =>
  table.map(([about, files, place, text]) => ({ about, files, place, text }));
const two: TeamFiles = { 'agents/a.md': agentFile('a'), 'agents/b.md': agentFile('b') };
const field = (line: string): TeamFiles => ({ 'agents/a.md': agentFile('a', `${line}\n`) });

async function failuresOf(files: TeamFiles): Promise<readonly string[]> {
  const loaded = await loadTeam(await writeTeamFolder(files));
  if (loaded.ok) return [];
  expect(loaded.failures.every(({ code }) => code === 'wrong-team')).toBe(true);
  return loaded.failures.map(failureLine);
}

describe('a mistake in a file stops the team with its place and its mending, and alone', () => {
  it.each(
    rows([
      // agent files
      [
        'a name without a letter or digit',
        { 'agents/x.md': agentFile('"!!!"') },
        'agents/x.md:2',
        'cannot name an agent',
      ],
      [
        'a name that is taken',
        { 'agents/x.md': agentFile('x'), 'agents/y.md': agentFile('x') },
        'agents/y.md:2',
        'taken by agents/x.md:2',
      ],
      [
        'a name that is a number',
        { 'agents/x.md': '---\ndescription: d\nname: 5\n---\nDo.\n' },
        'agents/x.md:3',
        'put quotes around it',
      ],
      [
        'no prompt',
        { 'agents/a.md': '---\nname: a\ndescription: d\n---\n\n' },
        'agents/a.md:5',
        'write below the frontmatter',
      ],
      ['an unknown model in a file', field('model: smart'), 'agents/a.md:4', 'neither an alias'],
      ['turns as a word', field('maxTurns: many'), 'agents/a.md:4', 'expected a whole number above 0'],
      ['an effort of its own', field('effort: 11'), 'agents/a.md:4', 'expected one of low'],
      ['permissions thrown away', field('permissionMode: bypassPermissions'), 'agents/a.md:4', 'remove it'],
      ['tools that come to nothing', field('tools: Bash, WebFetch'), 'agents/a.md:4', 'come to nothing'],
      [
        'a skill that is not there',
        {
          ...field('skills: [extract]'),
          'skills/extracts/SKILL.md': '---\nname: extracts\ndescription: d\n---\nBody\n',
        },
        'agents/a.md:4',
        'Did you mean "extracts"?',
      ],
      [
        'a skill without description',
        { ...field('skills: one'), 'skills/one/SKILL.md': '---\nname: one\n---\nBody\n' },
        'agents/a.md:4',
        'cannot be used',
      ],
      [
        'an agent from outside',
        { ...two, 'agents/c.md': '→ /etc/hostname' },
        'agents/c.md',
        'outside the team folder',
      ],
      // memory
      [
        'an import that is not there',
        { ...two, 'CLAUDE.md': 'Hello\n\n@docs/style.md\n' },
        'CLAUDE.md:3',
        'create the file, or remove the import',
      ],
      [
        'an import that leads out',
        { ...two, 'CLAUDE.md': '@../secret.md\n' },
        'CLAUDE.md:1',
        'outside the team folder',
      ],
      [
        'an import by an absolute path',
        { ...two, 'CLAUDE.md': '@/secret.md\n' },
        'CLAUDE.md:1',
        'outside the team folder',
      ],
      [
        'an import through a symlink',
        { ...two, 'CLAUDE.md': 'x\n@in.md\n', 'in.md': '→ /etc/hostname' },
        'CLAUDE.md:2',
        'outside the team folder',
      ],
      [
        'imports too deep',
        {
          ...two,
          'CLAUDE.md': '@1.md',
          '1.md': '@2.md',
          '2.md': '@3.md',
          '3.md': '@4.md',
          '4.md': 'x\n@5.md',
          '5.md': 'deep',
        },
        '4.md:2',
        'more than 4 imports deep',
      ],
      // tools
      [
        'a tool with a taken name',
        { ...two, 'tools/delegate.ts': 'export const a = 1;\n' },
        'tools/delegate.ts',
        'delegate',
      ],
    ]),
  )('$about', async ({ files, place, text }) => {
    const failures = await failuresOf(files);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.startsWith(`${place}: `), failures[0]).toBe(true);
    expect(failures[0]).toContain(text);
  });
});

describe('what is no team says what a team is', () => {
  it.each<[string, TeamFiles]>([
    ['an empty folder', {}],
    ['a folder without agents', { 'agents/notes.txt': 'x' }],
    ['a folder with settings only', { 'team.yaml': 'name: x\n' }],
  ])('%s', async (_, files) => {
    const failures = await failuresOf(files);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/A team is a folder with agents\/\*\.md.*inspan init/);
  });

  it('a path that is not there, and one that is a file', async () => {
    const folder = await writeTeamFolder(two);
    for (const path of [join(folder, 'nowhere'), join(folder, 'agents/a.md')]) {
      const loaded = await loadTeam(path);
      expect(loaded.ok ? [] : loaded.failures.map(({ message }) => message)).toEqual([
        expect.stringMatching(/is (not there|a file)\. A team is a folder.*inspan init/),
      ]);
    }
  });
});
