import { describe, expect, it } from 'vitest';
import { agentFile, type TeamFiles, writeTeamFolder } from '../../test/setup/team-folder.ts';
import { failureLine } from '../core/index.ts';
import { loadTeam } from './folder/load-team.ts';

/** What it is about, the folder, where it is told, and what of the message. */
type Row = readonly [about: string, files: TeamFiles, place: string, text: string];

const rows = (table: readonly Row[]) =>
  table.map(([about, files, place, text]) => ({ about, files, place, text }));
const two: TeamFiles = { 'agents/a.md': agentFile('a'), 'agents/b.md': agentFile('b') };
const yaml = (text: string): TeamFiles => ({ ...two, 'team.yaml': text });
const field = (line: string): TeamFiles => ({ 'agents/a.md': agentFile('a', `${line}\n`) });

async function noticesOf(files: TeamFiles): Promise<readonly string[]> {
  const loaded = await loadTeam(await writeTeamFolder(files));
  if (!loaded.ok) throw new Error(loaded.failures.map(failureLine).join('\n'));
  return loaded.team.notices.map((notice) => failureLine({ code: 'wrong-team', ...notice }));
}

describe('what is worth a word stops nothing', () => {
  it.each(
    rows([
      ['an unknown setting', yaml('patern: pipeline\n'), 'team.yaml:1', 'Did you mean "pattern"?'],
      [
        'an unknown setting of an agent',
        yaml('agents:\n  a:\n    read: [brief.md]\n'),
        'team.yaml:3',
        'Did you mean "reads"?',
      ],
      [
        'an unknown word of a schema',
        yaml('input:\n  params:\n    n: { typ: string }\n'),
        'team.yaml:3',
        'Did you mean "type"?',
      ],
      ['an unknown field of an agent', field('modell: x/y'), 'agents/a.md:4', 'Did you mean "model"?'],
      ['a field of another harness', field('mcpServers: [x]'), 'agents/a.md:4', 'has no effect yet'],
      ['a field with a word of ours', field('maxSteps: 5'), 'agents/a.md:4', 'write maxTurns'],
      ['plan mode', field('permissionMode: plan'), 'agents/a.md:4', 'has no effect yet'],
      ['no description', { 'agents/a.md': '---\nname: a\n---\nDo.\n' }, 'agents/a.md:2', 'say in one line'],
      ['a tool we do not have', field('tools: Read, Bash'), 'agents/a.md:4', 'Bash is left out'],
      [
        'an agent named lead where code runs',
        { ...yaml('pattern: pipeline\n'), 'agents/lead.md': agentFile('lead') },
        'agents/lead.md:2',
        'ordinary member',
      ],
      [
        'a lead with a pen',
        { ...two, 'agents/lead.md': agentFile('lead', 'tools: Task, Write\n') },
        'agents/lead.md:4',
        'a lead coordinates: Write is left out',
      ],
      [
        'a skill nobody loads',
        { ...two, 'skills/one/SKILL.md': '---\nname: one\ndescription: d\n---\nBody\n' },
        'skills/one/SKILL.md',
        'no agent loads',
      ],
      [
        'reading only what one writes',
        yaml('agents:\n  a: { reads: [brief.md, a.md] }\n'),
        'team.yaml:2',
        'only it writes',
      ],
      [
        'a mention that is no file',
        { ...two, 'CLAUDE.md': 'See @docs/overview\n' },
        'CLAUDE.md:1',
        'stays as it is',
      ],
      [
        'a name with a space',
        { 'agents/x.md': agentFile('X Writer 4.8') },
        'agents/x.md:2',
        'is called x-writer-4-8 here',
      ],
      ['a personal import', { ...two, 'CLAUDE.md': '@~/.claude/mine.md\n' }, 'CLAUDE.md:1', 'it is left out'],
      [
        'imports in a circle',
        { ...two, 'CLAUDE.md': '@x.md\n', 'x.md': 'x\n@CLAUDE.md\n' },
        'x.md:2',
        'left out the second time',
      ],
      [
        'two skills',
        {
          ...field('skills: [one, two]'),
          'skills/one/SKILL.md': '---\nname: one\ndescription: d\n---\nB\n',
          'skills/two/SKILL.md': '---\nname: two\ndescription: d\n---\nB\n',
        },
        'agents/a.md:2',
        'one stands in its prompt',
      ],
    ]),
  )('$about', async ({ files, place, text }) => {
    const notices = await noticesOf(files);
    expect(notices).toHaveLength(1);
    expect(notices[0]?.startsWith(`${place}: `), notices[0]).toBe(true);
    expect(notices[0]).toContain(text);
  });

  it('fields that change nothing here are not worth a word', async () => {
    const quiet = 'color: red\npermissionMode: acceptEdits\nmode: subagent\nbackground: false\n';
    expect(await noticesOf({ 'agents/a.md': agentFile('a', quiet) })).toEqual([]);
  });

  it('a line for editors is a comment like any other', async () => {
    expect(await noticesOf(yaml('# yaml-language-server: $schema=./team.schema.json\nname: x\n'))).toEqual(
      [],
    );
  });
});
