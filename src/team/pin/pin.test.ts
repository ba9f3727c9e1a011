import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Json, StoredTeam, Tool } from '../../core/index.ts';
import { skill } from '../../skills/index.ts';
import { tool } from '../../tools/index.ts';
import {
  compileTeam,
  defineTeam,
  loadTeam,
  patchTeam,
  reviveTeam,
  snapshotTeam,
  type Team,
} from '../index.ts';

function checkTool(version: string, more: Partial<Tool> = {}): Tool {
  const made = tool({
    name: 'check_facts',
    purpose: 'Checks facts.',
    input: z.object({ path: z.string() }),
    effect: 'read',
    run: () => version,
  });
  return { ...made, codeHash: version, ...more };
}

const style = skill({
  name: 'house-style',
  description: 'How we write.',
  body: 'Write plainly.',
  files: { 'words.md': 'launch, not release' },
});
const maths = skill({ name: 'maths', description: 'How we count.', body: 'Count twice.' });

function teamWith(checker: Tool | null, prompt = 'Write it.'): Team {
  const tools = checker === null ? {} : { tools: ['read_file', 'write_file', checker] };
  return defineTeam({
    name: 'writers',
    lead: { description: 'Leads.', prompt: 'Lead the team.' },
    memory: 'We write plainly.',
    budget: { usd: 0.5 },
    models: { small: ['acme/small', 'acme/other'] },
    input: {
      files: { 'source.md': { tokensMax: 2_000 } },
      params: { platforms: { type: 'array', items: { type: 'string', enum: ['x', 'blog'] } } },
    },
    agents: {
      writer: {
        description: 'Writes.',
        prompt,
        skill: style,
        skills: [maths],
        reads: ['source.md'],
        writes: 'drafts/x.md',
        when: 'x in platforms and not blog in platforms',
        model: 'small',
        limits: { turns: 7, seconds: 90 },
        compactAt: 0.5,
        ...tools,
      },
      judge: {
        description: 'Judges.',
        prompt: 'Judge it.',
        reads: ['drafts/'],
        writes: 'verdict.json',
        output: z.object({ zeta: z.number(), alpha: z.string() }),
        last: true,
      },
    },
    result: { drafts: 'drafts/*.md', verdict: 'verdict.json' },
  });
}

/** As a store would give it back: nothing but text in between. */
function throughStore(stored: StoredTeam): StoredTeam {
  return JSON.parse(JSON.stringify(stored)) as StoredTeam;
}

/** All bytes that every request of an agent begins with. */
function prefixes(team: Team): string {
  const { lead, members } = compileTeam(team);
  const roles = [...(lead === null ? [] : [lead]), ...Array.from(members.values(), ({ role }) => role)];
  return JSON.stringify(roles.map(({ prefix, ...role }) => ({ ...role, hash: prefix.hash, prefix })));
}

async function launchKit(): Promise<Team> {
  const loaded = await loadTeam(join(import.meta.dirname, '../../../examples/launch-kit'));
  if (!loaded.ok) throw new Error('The launch kit has mistakes');
  return loaded.team;
}

function revived(stored: StoredTeam, current: Team | null) {
  const result = reviveTeam(stored, current);
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

describe('a team that was kept and revived', () => {
  it.each([
    ['of every kind of setting', async () => teamWith(checkTool('1'))],
    ['from a folder', launchKit],
  ])('is the same to the byte for a team %s', async (_, make) => {
    const team = await make();
    const { team: again, changedTools } = revived(throughStore(snapshotTeam(team)), team);
    expect(again.digest).toBe(team.digest);
    expect(prefixes(again)).toBe(prefixes(team));
    expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(team)));
    expect(changedTools).toEqual([]);
  });

  it('keeps its prompts and its digest when the team has moved on', () => {
    const before = teamWith(checkTool('1'));
    const { team } = revived(throughStore(snapshotTeam(before)), teamWith(checkTool('1'), 'Write it well.'));
    expect(prefixes(team)).toBe(prefixes(before));
    expect(team.digest).toBe(before.digest);
  });

  it('has tools that work, and says whose code is another one', async () => {
    const stored = throughStore(snapshotTeam(teamWith(checkTool('1'))));
    expect(stored.toolCode).toEqual({ check_facts: '1' });
    const { team, changedTools } = revived(stored, teamWith(checkTool('2')));
    expect(changedTools).toEqual(['check_facts']);
    const tools = team.members.find(({ name }) => name === 'writer')?.tools ?? [];
    expect(tools.map(({ name }) => name)).toEqual([
      'read_file',
      'write_file',
      'open_skill_file',
      'check_facts',
    ]);
    const opened = await tools[2]?.run('house-style/words.md', {} as never);
    const checked = await tools[3]?.run({ path: 'a' }, { signal: new AbortController().signal } as never);
    expect([opened, checked]).toMatchObject([
      { value: { text: 'launch, not release' } },
      { value: { text: '2' } },
    ]);
  });

  it('needs no current team where it has no tools of its own', () => {
    const team = teamWith(null);
    expect(prefixes(revived(throughStore(snapshotTeam(team)), null).team)).toBe(prefixes(team));
  });

  it.each([
    ['was given up by its team', teamWith(null), /of its tools, check_facts is gone/],
    [
      'takes something else now',
      teamWith(checkTool('1', { inputSchema: { type: 'object' } })),
      /check_facts takes or does something else now/,
    ],
    [
      'may do something else now',
      teamWith(checkTool('1', { effect: 'outside' })),
      /check_facts takes or does something else now/,
    ],
  ])('is refused where a tool of its own %s', (_, current, message) => {
    const result = reviveTeam(throughStore(snapshotTeam(teamWith(checkTool('1')))), current);
    expect(result).toMatchObject({
      ok: false,
      failure: { code: 'team-changed', message: expect.stringMatching(message) },
    });
  });

  it('is missing where it has tools of its own and no current team brings them', () => {
    expect(reviveTeam(throughStore(snapshotTeam(teamWith(checkTool('1')))), null)).toMatchObject({
      failure: { code: 'team-missing', message: expect.stringContaining('check_facts') },
    });
  });

  it('is refused where its data is not what its digest says', () => {
    const team = teamWith(null);
    const stored = snapshotTeam(team);
    const data = stored.definition as { readonly [key: string]: Json };
    for (const definition of [null, {}, { ...data, members: 1 }, { ...data, budgetMicroUsd: 1 }]) {
      expect(reviveTeam({ ...stored, definition }, team)).toMatchObject({
        ok: false,
        failure: { code: 'team-changed', message: expect.stringContaining('damaged') },
      });
    }
  });
});

describe('a patched team', () => {
  const team = teamWith(checkTool('1'));
  const patched = (patch: Parameters<typeof patchTeam>[1]) => {
    const result = patchTeam(team, patch);
    if (!result.ok) throw new Error(result.failure.message);
    return result.value;
  };

  it('has the new prompts and another digest, and all else as before', () => {
    const other = patched({ prompts: { writer: 'Write it\r\nwell.\n', lead: 'Lead better.' } });
    expect(other.members.map(({ prompt }) => prompt.text)).toEqual(['Write it\nwell.', 'Judge it.']);
    expect(other.lead?.prompt.text).toBe('Lead better.');
    expect(other.digest).not.toBe(team.digest);
    const back = patchTeam(other, { prompts: { writer: 'Write it.', lead: 'Lead the team.' } });
    expect(back.ok && back.value.digest).toBe(team.digest);
  });

  it('has the new texts of skills, also where they are opened on demand', async () => {
    const other = patched({ skills: { 'house-style': 'Write boldly.', maths: 'Count thrice.' } });
    const writer = other.members.find(({ name }) => name === 'writer');
    expect(writer?.skill).toMatchObject({ body: 'Write boldly.', files: style.files });
    const opener = writer?.tools.find(({ name }) => name === 'open_skill_file');
    expect(await opener?.run('maths/SKILL.md', {} as never)).toMatchObject({
      value: { text: 'Count thrice.' },
    });
    expect(prefixes(revived(throughStore(snapshotTeam(other)), team).team)).toBe(prefixes(other));
  });

  it('is the same team where nothing is new', () => {
    expect(patched({}).digest).toBe(team.digest);
  });

  it.each([
    [{ prompts: { writr: 'x' } }, 'The team has no agent writr; it has: lead, writer, judge.'],
    [{ skills: { poetry: 'x' } }, 'The team has no skill poetry; it has: house-style, maths.'],
    [{ prompts: { judge: ' \n' } }, 'The new text of agent judge is empty.'],
  ])('is refused for %j', (patch, message) => {
    expect(patchTeam(team, patch)).toEqual({ ok: false, failure: { code: 'wrong-input', message } });
  });
});
