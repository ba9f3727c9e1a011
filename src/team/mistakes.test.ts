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

const circle = 'agents:\n  a:\n    reads: [b.md]\n  b:\n    reads: [a.md]\n';
const params =
  'input:\n  params:\n    platforms: { type: array, items: { enum: [x, blog] } }\n    tone: { enum: [dry, warm] }\n';

async function failuresOf(files: TeamFiles): Promise<readonly string[]> {
  const loaded = await loadTeam(await writeTeamFolder(files));
  if (loaded.ok) return [];
  expect(loaded.failures.every(({ code }) => code === 'wrong-team')).toBe(true);
  return loaded.failures.map(failureLine);
}

describe('a mistake in the settings stops the team with its place and its mending, and alone', () => {
  it.each(
    rows([
      // YAML itself
      ['a key stands twice', yaml('name: x\nname: y\n'), 'team.yaml:2', 'keep one'],
      ['a tab indents', yaml('agents:\n\ta: {}\n'), 'team.yaml:2', 'spaces'],
      ['a brace is not closed', yaml('models: { small: [x/y]\nname: x\n'), 'team.yaml:2', 'not valid YAML'],
      ['a second document', yaml('name: x\n---\nname: y\n'), 'team.yaml:2', 'remove the line ---'],
      ['an alias without anchor', yaml('name: *x\n'), 'team.yaml', 'write the value out'],
      ['settings are a list', yaml('- a\n'), 'team.yaml:1', 'expected a map with name'],
      [
        'both spellings',
        { ...yaml('name: x\n'), 'team.yml': 'name: y\n' },
        'team.yml',
        'keep one of the two',
      ],
      // shapes
      ['an unknown pattern', yaml('pattern: debate\n'), 'team.yaml:1', 'supervisor, pipeline, parallel'],
      [
        'reads is a text',
        yaml('agents:\n  a:\n    reads: brief.md\n'),
        'team.yaml:3',
        'agents.a.reads is "brief.md"; expected a list of paths',
      ],
      [
        'a read is a number',
        yaml('agents:\n  a:\n    reads:\n      - brief.md\n      - 5\n'),
        'team.yaml:5',
        'agents.a.reads[1] is 5; expected a path',
      ],
      [
        'tokensMax is 0',
        yaml('input:\n  files:\n    s.md: { tokensMax: 0 }\n'),
        'team.yaml:3',
        'a whole number above 0',
      ],
      [
        'tokensMax is a fraction',
        yaml('input:\n  files:\n    s.md: { tokensMax: 1.5 }\n'),
        'team.yaml:3',
        'input.files.s.md.tokensMax is 1.5',
      ],
      ['files are a list', yaml('input:\n  files: [s.md]\n'), 'team.yaml:2', 'such as { source.md: {} }'],
      [
        'a limit is negative',
        yaml('agents:\n  a:\n    limits:\n      turns: -1\n'),
        'team.yaml:4',
        'agents.a.limits.turns is -1; expected a whole number above 0',
      ],
      [
        'an unknown effort',
        yaml('agents:\n  a: { effort: huge }\n'),
        'team.yaml:2',
        'one of low, medium, high',
      ],
      [
        'a thinking budget no provider takes',
        yaml('agents:\n  a: { thinkingTokens: 500 }\n'),
        'team.yaml:2',
        'agents.a.thinkingTokens is 500; expected 0, or a whole number from 1024',
      ],
      [
        'a percentage instead of a share',
        yaml('agents:\n  a: { compactAt: 80 }\n'),
        'team.yaml:2',
        'a share above 0 and at most 1, such as 0.8',
      ],
      ['last is a word', yaml('agents:\n  a: { last: "yes" }\n'), 'team.yaml:2', 'expected true or false'],
      ['the budget is a number', yaml('budget: 5\n'), 'team.yaml:1', 'such as { usd: 0.50 }'],
      ['the budget lacks usd', yaml('budget: {}\n'), 'team.yaml:1', 'budget.usd is missing'],
      ['the budget is 0', yaml('budget:\n  usd: 0\n'), 'team.yaml:2', 'an amount above 0'],
      [
        'the budget has 7 decimals',
        yaml('budget: { usd: 0.1234567 }\n'),
        'team.yaml:1',
        'at most 6 decimals',
      ],
      // agents and files
      ['an unknown agent', yaml('agents:\n  a: {}\n  bb: {}\n'), 'team.yaml:3', 'Agents: a, b'],
      [
        'an agent misspelt',
        { ...yaml('agents:\n  extarctor: {}\n'), 'agents/extractor.md': agentFile('extractor') },
        'team.yaml:2',
        'Did you mean "extractor"?',
      ],
      [
        'a read nobody provides',
        yaml('agents:\n  a:\n    reads: [bb.md]\n'),
        'team.yaml:3',
        'Did you mean "b.md"?',
      ],
      [
        'a folder nobody fills',
        yaml('agents:\n  a: { reads: [drafts/] }\n'),
        'team.yaml:2',
        'fits "drafts/"; let an agent write it',
      ],
      [
        'two authors of one file',
        yaml('agents:\n  a: { writes: x.md }\n  b: { writes: x.md }\n'),
        'team.yaml:3',
        'give each its own path',
      ],
      [
        'two authors but for case',
        yaml('agents:\n  a: { writes: x.md }\n  b: { writes: X.md }\n'),
        'team.yaml:3',
        'differs only in case',
      ],
      [
        'a file where a folder is',
        yaml('agents:\n  a: { writes: out }\n  b: { writes: out/b.md }\n'),
        'team.yaml:3',
        'rename one',
      ],
      [
        'the brief is written',
        yaml('agents:\n  a: { writes: Brief.md }\n'),
        'team.yaml:2',
        'the brief itself; write another path',
      ],
      [
        'an input file is written',
        yaml('input: { files: { s.md: {} } }\nagents:\n  a: { writes: s.md }\n'),
        'team.yaml:3',
        'the brief brings; write another path',
      ],
      [
        'a glob is written',
        yaml('agents:\n  a: { writes: "drafts/*.md" }\n'),
        'team.yaml:2',
        'write its whole path',
      ],
      [
        'a folder is written',
        yaml('agents:\n  a: { writes: drafts/ }\n'),
        'team.yaml:2',
        'write its whole path',
      ],
      ['a path leads out', yaml('agents:\n  a: { writes: ../x.md }\n'), 'team.yaml:2', 'writes "../x.md"'],
      ['two wait for each other', yaml(circle), 'team.yaml:3', 'a reads b reads a; remove one'],
      [
        'everyone is last',
        yaml('agents:\n  a: { last: true }\n  b: { last: true }\n'),
        'team.yaml:2',
        'keep last: true on those that verify',
      ],
      [
        'someone reads what comes last',
        yaml('agents:\n  a:\n    reads: [b.md]\n  b: { last: true }\n'),
        'team.yaml:3',
        'write last: true here too',
      ],
      [
        'the brief among the input files',
        yaml('input:\n  files:\n    brief.md: {}\n'),
        'team.yaml:3',
        'leave it out',
      ],
      [
        'input files differ in case',
        yaml('input:\n  files:\n    s.md: {}\n    S.md: {}\n'),
        'team.yaml:4',
        'rename one',
      ],
      // conditions and parameters
      [
        'a condition that says nothing',
        yaml(`${params}agents:\n  a: { when: x platforms }\n`),
        'team.yaml:6',
        'VALUE in PARAM',
      ],
      [
        'an unknown parameter',
        yaml(`${params}agents:\n  a: { when: x in platform }\n`),
        'team.yaml:6',
        'Did you mean "platforms"?',
      ],
      [
        'a parameter that is not declared',
        yaml('agents:\n  a: { when: x in platforms }\n'),
        'team.yaml:2',
        'declare it under input.params',
      ],
      [
        'a value that never is',
        yaml(`${params}agents:\n  a: { when: y in platforms }\n`),
        'team.yaml:6',
        'never has the value "y"',
      ],
      [
        'a text read as a list',
        yaml(`${params}agents:\n  a: { when: platforms is x }\n`),
        'team.yaml:6',
        'write x in platforms',
      ],
      [
        'a condition turned round',
        yaml(`${params}agents:\n  a: { when: platforms in x }\n`),
        'team.yaml:6',
        'turn it round',
      ],
      [
        'an unknown type',
        yaml('input:\n  params:\n    n: { type: strin }\n'),
        'team.yaml:3',
        'no JSON Schema that can be checked',
      ],
      [
        'a default that does not fit',
        yaml('input:\n  params:\n    n: { type: string, default: 3 }\n'),
        'team.yaml:3',
        'default is 3 and does not fit',
      ],
      [
        'a parameter named like a word',
        yaml('input:\n  params:\n    not: { type: string }\n'),
        'team.yaml:3',
        'needs another name',
      ],
      [
        'required is a word',
        yaml('input:\n  params:\n    n:\n      required: sure\n'),
        'team.yaml:4',
        'expected true or false',
      ],
      // outputs
      [
        'an output that is no object',
        yaml('agents:\n  a: { output: { type: string } }\n'),
        'team.yaml:2',
        'must describe an object',
      ],
      [
        'an output file that is not there',
        yaml('agents:\n  a:\n    output: out.json\n'),
        'team.yaml:3',
        'create it, or correct the path',
      ],
      [
        'an output file that is no JSON',
        { ...yaml('agents:\n  a: { output: out.json }\n'), 'out.json': '{\n  "type" "object"\n}' },
        'out.json:2',
        'not valid JSON',
      ],
      [
        'an output path of another kind',
        yaml('agents:\n  a: { output: schema.yaml }\n'),
        'team.yaml:2',
        'the path of a .json file',
      ],
      // models
      [
        'an unknown alias',
        yaml('models: { small: [x/y] }\nagents:\n  a: { model: smal }\n'),
        'team.yaml:3',
        'Did you mean "small"?',
      ],
      [
        'a chain without models',
        yaml('models:\n  small: []\n'),
        'team.yaml:2',
        'name at least one provider/name',
      ],
      [
        'a chain of a word',
        yaml('models:\n  small: [qwen]\n'),
        'team.yaml:2',
        'neither an alias of models nor provider/name',
      ],
      ['aliases in a circle', yaml('models:\n  small: [small]\n'), 'team.yaml:2', 'small → small'],
      ['an alias that is an id', yaml('models:\n  x/y: [a/b]\n'), 'team.yaml:2', 'write a word without "/"'],
      // lead and result
      ['a lead nobody is', yaml('lead: c\n'), 'team.yaml:1', 'no agent has that name'],
      [
        'a lead where code runs',
        yaml('pattern: pipeline\nlead: a\n'),
        'team.yaml:2',
        'remove lead, or write pattern: supervisor',
      ],
      [
        'a lead that writes',
        yaml('lead: a\nagents:\n  a: { writes: x.md }\n'),
        'team.yaml:3',
        'remove writes',
      ],
      [
        'a lead of nobody',
        { 'agents/a.md': agentFile('a'), 'team.yaml': 'lead: a\n' },
        'team.yaml:1',
        'nobody to coordinate',
      ],
      ['a result nobody writes', yaml('result:\n  x: aa.md\n'), 'team.yaml:2', 'Did you mean "a.md"?'],
      ['a result glob without a star', yaml('result:\n  x: "{a,b}.md"\n'), 'team.yaml:2', 'with a *'],
    ]),
  )('$about', async ({ files, place, text }) => {
    const failures = await failuresOf(files);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.startsWith(`${place}: `), failures[0]).toBe(true);
    expect(failures[0]).toContain(text);
  });

  it('and all mistakes are told at once, file by file and line by line', async () => {
    const failures = await failuresOf({
      'agents/a.md': agentFile('a', 'maxTurns: 0\neffort: no\n'),
      'agents/b.md': agentFile('b', 'skills: nothing\n'),
      'team.yaml': 'pattern: chat\nagents:\n  c: {}\n  a: { writes: b/ }\nbudget: { usd: -1 }\n',
    });
    expect(failures.map((line) => line.split(': ')[0])).toEqual([
      'team.yaml:1',
      'team.yaml:3',
      'team.yaml:4',
      'team.yaml:5',
      'agents/a.md:4',
      'agents/a.md:5',
      'agents/b.md:4',
    ]);
  });

  it('and what refers to something wrong is not called wrong, too', async () => {
    const text = 'input:\n  files: [s.md]\nagents:\n  a: { reads: [s.md] }\nresult: { s: s.md }\n';
    expect(await failuresOf(yaml(text))).toHaveLength(1);
  });
});
