import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TeamFiles, writeTeamFolder } from '../../test/setup/team-folder.ts';
import { InspanError, ok, type Tool } from '../core/index.ts';
import { skill } from '../skills/index.ts';
import { defineTeam } from './define-team.ts';
import { loadTeam } from './folder/load-team.ts';
import { defaultLeadLimits, defaultLimits, type Team } from './team.ts';

async function load(files: TeamFiles): Promise<Team> {
  const loaded = await loadTeam(await writeTeamFolder(files));
  if (!loaded.ok) throw new InspanError(loaded.failures);
  return loaded.team;
}

/** A team without its name, notices and places: what a twin shares. Tools by what they are. */
function content({ name: _name, notices: _notices, ...team }: Team): unknown {
  return JSON.parse(JSON.stringify(team, (key, value) => (key === 'source' ? undefined : value)));
}

function mistakes(define: () => unknown): readonly string[] {
  try {
    define();
  } catch (error) {
    if (error instanceof InspanError) return error.message.split('\n');
    throw error;
  }
  return [];
}

function customTool(name: string, more: Partial<Tool> = {}): Tool {
  return {
    name,
    purpose: `Does ${name}.`,
    inputSchema: { type: 'object', properties: {} },
    effect: 'read',
    replay: 'safe',
    parse: ok,
    run: async () => ok({ text: 'done' }),
    ...more,
  };
}

const settings = `
lead: boss
input:
  files: { source.md: { tokensMax: 500 } }
  params:
    platforms: { type: array, items: { enum: [x, blog] }, default: [x, blog] }
    title: { type: string, required: true }
    count: { type: integer }
agents:
  boss: { model: small, limits: { turns: 9 } }
  extractor: { reads: [source.md], writes: insights.md, effort: low }
  writer: { reads: [brief.md, insights.md], writes: drafts/x.md, when: x in platforms }
  judge:
    reads: [drafts/]
    last: true
    output:
      type: object
      properties: { verdict: { enum: [ship, fix] }, score: { type: integer } }
      required: [verdict, score]
      additionalProperties: false
models: { small: [ollama/qwen3:8b], default: [small, anthropic/claude-sonnet-5] }
budget: { usd: 0.5 }
result: { insights: insights.md, drafts: drafts/*.md, verdict: judge.json }
`;

const folder = {
  'AGENTS.md': '# Rules\r\n\r\nBe true.\n',
  'agents/boss.md': '---\nname: boss\ndescription: leads\n---\nLead.\n',
  'agents/extractor.md': '---\ndescription: extracts\ntools: Read, Write\nskills: dig\n---\n\nExtract.\n',
  'agents/writer.md': '---\ndescription: writes\nmodel: small\n---\nWrite.\n',
  'agents/judge.md': '---\ndescription: judges\n---\nJudge.\n',
  'skills/dig/SKILL.md': '---\nname: dig\ndescription: how to dig\n---\n\n# Dig\n',
  'team.yaml': settings,
};

function twin() {
  return defineTeam({
    lead: 'boss',
    memory: '# Rules\n\nBe true.',
    input: {
      files: { 'source.md': { tokensMax: 500 } },
      params: {
        platforms: z.array(z.enum(['x', 'blog'])).default(['x', 'blog']),
        title: z.string(),
        count: z.int().optional(),
      },
    },
    agents: {
      boss: { description: 'leads', prompt: 'Lead.', model: 'small', limits: { turns: 9 } },
      extractor: {
        description: 'extracts',
        prompt: '\nExtract.\n',
        skill: skill({ name: 'dig', description: 'how to dig', body: '# Dig' }),
        tools: ['read_file', 'write_file'],
        reads: ['source.md'],
        writes: 'insights.md',
        effort: 'low',
      },
      writer: {
        description: 'writes',
        prompt: 'Write.',
        model: 'small',
        reads: ['brief.md', 'insights.md'],
        writes: 'drafts/x.md',
        when: 'x in platforms',
      },
      judge: {
        description: 'judges',
        prompt: 'Judge.',
        reads: ['drafts/'],
        output: z.object({ verdict: z.enum(['ship', 'fix']), score: z.int() }),
        last: true,
      },
    },
    models: { small: 'ollama/qwen3:8b', default: ['small', 'anthropic/claude-sonnet-5'] },
    budget: { usd: 0.5 },
    result: { insights: 'insights.md', drafts: 'drafts/*.md', verdict: 'judge.json' },
  });
}

describe('a folder and its twin in TypeScript', () => {
  it('are equal data with an equal digest', async () => {
    const [loaded, defined] = [await load(folder), twin()];
    expect(content(defined)).toEqual(content(loaded));
    expect(defined.digest).toBe(loaded.digest);
    expect(defined.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('resolve models, limits, budget and parameters', async () => {
    const team = await load(folder);
    expect(team.models).toEqual({
      small: ['ollama/qwen3:8b'],
      default: ['ollama/qwen3:8b', 'anthropic/claude-sonnet-5'],
    });
    expect(team.lead?.limits).toEqual({ ...defaultLeadLimits, turnsMax: 9 });
    expect(team.budgetMicroUsd).toBe(500_000);
    expect(team.input.params?.['title']).toEqual({ schema: { type: 'string' }, required: true });
    expect(team.input.params?.['platforms']?.required).toBe(false);
    expect(team.input.files).toEqual({ 'source.md': { tokensMax: 500, required: true } });
    expect(team.members.map(({ name }) => name)).toEqual(['extractor', 'writer', 'judge']);
  });
});

describe('the digest', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['a prompt', { 'agents/writer.md': '---\ndescription: writes\nmodel: small\n---\nWrite well.\n' }],
    ['the memory', { 'AGENTS.md': 'Be brief.' }],
    ['a skill', { 'skills/dig/SKILL.md': '---\nname: dig\ndescription: how to dig\n---\n# Deeper\n' }],
    ['a file of a skill', { 'skills/dig/more.md': 'more' }],
    ['a limit', { 'team.yaml': settings.replace('turns: 9', 'turns: 8') }],
    ['a model', { 'team.yaml': settings.replace('qwen3:8b', 'qwen3:4b') }],
    ['a default', { 'team.yaml': settings.replace('default: [x, blog] }', 'default: [x] }') }],
    ['an input limit', { 'team.yaml': settings.replace('500', '501') }],
    ['the result', { 'team.yaml': settings.replace('insights: insights.md,', '') }],
    ['the budget', { 'team.yaml': settings.replace('0.5', '0.6') }],
  ])('changes with %s', async (_, change) => {
    expect((await load({ ...folder, ...change })).digest).not.toBe((await load(folder)).digest);
  });

  it('does not change with names of places', async () => {
    const { 'agents/writer.md': writer, ...rest } = folder;
    const moved = await load({
      ...rest,
      'agents/zz.md': writer.replace('---\n', '---\nname: writer\n'),
      'team.yaml': `# a comment\nname: other\n${settings}`,
    });
    expect(moved.digest).toBe((await load(folder)).digest);
    expect(moved.name).toBe('other');
  });

  it('changes with what a tool can do, not with its code', () => {
    const digest = (tool: Tool) => defineTeam({ agents: { a: { prompt: 'A.', tools: [tool] } } }).digest;
    const plain = digest(customTool('dig'));
    expect(digest(customTool('dig', { run: async () => ok({ text: 'else' }) }))).toBe(plain);
    for (const more of [
      { version: '2' },
      { purpose: 'Else.' },
      { effect: 'outside' },
      { replay: 'never' },
    ] as const) {
      expect(digest(customTool('dig', more))).not.toBe(plain);
    }
  });
});

describe('what a team leaves out', () => {
  it('an agent without settings reads the brief and its files, and owes its name', () => {
    const team = defineTeam({
      agents: { one: { prompt: 'One.' }, two: { prompt: 'Two.', output: z.object({}) } },
    });
    const [one, two] = team.members;
    expect(one).toMatchObject({ reads: ['brief.md'], readsInputs: true, writes: 'one.md', model: 'default' });
    expect(one?.limits).toEqual(defaultLimits);
    expect(two?.writes).toBe('two.json');
    expect(team.result).toEqual({ one: 'one.md', two: 'two.json' });
    expect(team.input).toEqual({ files: null, params: null });
  });

  it('several agents get a lead, and one alone needs none', () => {
    const several = defineTeam({ agents: { a: { prompt: 'A.' }, b: { prompt: 'B.' } } });
    expect(several.pattern).toBe('supervisor');
    expect(several.lead?.name).toBe('lead');
    const alone = defineTeam({ agents: { lead: { prompt: 'A.' } } });
    expect(alone).toMatchObject({ pattern: 'pipeline', lead: null });
    expect(alone.members.map(({ name }) => name)).toEqual(['lead']);
  });

  it('an agent named lead leads, but not where code does', () => {
    const agents = { lead: { prompt: 'L.' }, a: { prompt: 'A.' } };
    expect(defineTeam({ agents }).members.map(({ name }) => name)).toEqual(['a']);
    const pipeline = defineTeam({ pattern: 'pipeline', agents });
    expect(pipeline.lead).toBeNull();
    expect(pipeline.members).toHaveLength(2);
  });

  it('a lead written in place is no agent of its own name', () => {
    const team = defineTeam({ lead: { prompt: 'Lead.', model: 'x/y' }, agents: { a: { prompt: 'A.' } } });
    expect(team.lead).toMatchObject({ name: 'lead', model: 'x/y' });
    expect(team.members.map(({ name }) => name)).toEqual(['a']);
  });

  it('model names of other harnesses are resolved, except where the team has that alias', () => {
    const options = {
      resolveModelName: (name: string) => (name === 'sonnet' ? 'anthropic/claude-sonnet-5' : name),
    };
    const agents = { a: { prompt: 'A.', model: 'sonnet' } };
    expect(defineTeam({ agents }, options).members[0]?.model).toBe('anthropic/claude-sonnet-5');
    expect(defineTeam({ agents, models: { sonnet: 'x/y' } }, options).members[0]?.model).toBe('sonnet');
    expect(defineTeam({ agents: { a: { prompt: 'A.', model: 'inherit' } } }).members[0]?.model).toBe(
      'default',
    );
  });
});

describe('members stand in an order in which each finds what it reads', () => {
  it('readers after writers, those that verify last, ties as written', () => {
    const team = defineTeam({
      pattern: 'pipeline',
      agents: {
        review: { prompt: 'R.', reads: ['drafts/'], last: true },
        z: { prompt: 'Z.', reads: ['facts.md'], writes: 'drafts/z.md' },
        y: { prompt: 'Y.', reads: ['facts.md'], writes: 'drafts/y.md' },
        facts: { prompt: 'F.' },
      },
    });
    expect(team.members.map(({ name }) => name)).toEqual(['facts', 'z', 'y', 'review']);
  });

  it('agents of a folder that settings do not name come after the named, by name', async () => {
    const file = (name: string) => `---\ndescription: ${name}\n---\nDo ${name}.\n`;
    const team = await load({
      'agents/a.md': file('a'),
      'agents/b.md': file('b'),
      'agents/c.md': file('c'),
      'team.yaml': 'agents:\n  c: {}\n',
    });
    expect(team.members.map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });
});

describe('the tools of an agent', () => {
  const toolsOf = (agent: {
    tools?: (string | Tool)[];
    disallowedTools?: string[];
    reads?: string[];
    output?: z.ZodType;
  }) => defineTeam({ agents: { a: { prompt: 'A.', ...agent } } }).members[0]?.tools.map(({ name }) => name);
  const all = ['list_files', 'read_file', 'write_file', 'edit_file', 'search_files'];

  it('are the file tools where it lists none', () => {
    expect(toolsOf({})).toEqual(all);
  });

  it('are those it lists, by any known name, and those its work requires, in a fixed order', () => {
    expect(toolsOf({ tools: ['Grep'] })).toEqual(['read_file', 'write_file', 'search_files']);
    expect(toolsOf({ tools: [], reads: [] })).toEqual(['write_file']);
    expect(toolsOf({ tools: [customTool('zip'), 'Edit', customTool('dig')] })).toEqual([
      'read_file',
      'write_file',
      'edit_file',
      'dig',
      'zip',
    ]);
  });

  it('lack what is disallowed, except what its work requires', () => {
    expect(toolsOf({ disallowedTools: ['Edit', 'Read', 'Glob'] })).toEqual([
      'read_file',
      'write_file',
      'search_files',
    ]);
  });

  it('write nothing where the answer is the artifact', () => {
    expect(toolsOf({ output: z.object({}) })).toEqual(['list_files', 'read_file', 'search_files']);
  });

  it('open what its further skills hold', () => {
    const know = (name: string) => skill({ name, description: name, body: name });
    const team = defineTeam({ agents: { a: { prompt: 'A.', skill: know('one'), skills: [know('two')] } } });
    expect(team.members[0]?.tools.map(({ name }) => name)).toEqual([...all, 'open_skill_file']);
    expect(team.members[0]?.skill?.name).toBe('one');
    expect(team.members[0]?.moreSkills.map(({ name }) => name)).toEqual(['two']);
  });
});

describe('mistakes in TypeScript', () => {
  it('are thrown all at once, each with its place in the definition', () => {
    const found = mistakes(() =>
      defineTeam({
        input: { params: { when: z.date() } },
        agents: {
          a: { prompt: '', reads: ['b.md', 'x.md'] },
          B: { prompt: 'B.', writes: 'b.md', model: 'smart', limits: { turns: 0 } },
        },
        budget: { usd: -1 },
      }),
    );
    expect(found.map((line) => line.split(': ')[0])).toEqual([
      'input.params.when',
      'agents.B.limits.turns',
      'agents.B',
      'agents.a.prompt',
      'budget.usd',
    ]);
  });

  it('two tools of one name are one too many', () => {
    const tools = [customTool('dig'), customTool('dig')];
    expect(mistakes(() => defineTeam({ agents: { a: { prompt: 'A.', tools } } }))).toEqual([
      expect.stringContaining('agents.a.tools[1]: the tool "dig" is there twice'),
    ]);
    const taken = [customTool('read_file')];
    expect(mistakes(() => defineTeam({ agents: { a: { prompt: 'A.', tools: taken } } }))[0]).toContain(
      'built-in',
    );
  });
});
