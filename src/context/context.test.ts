import { describe, expect, it } from 'vitest';
import type { Message, ModelRequest } from '../core/index.ts';
import { assembleRequest, layoutSystem, lintStatic, prefixBreak, requestHash, tokenBill } from './index.ts';

const source = { file: 'agents/a.md', line: 5 };
const skill = {
  name: 'write',
  description: 'How to write',
  body: 'Write well.',
  files: [{ path: 'references/tone.md', text: 'Warm.' }],
  source: { file: 'skills/write/SKILL.md', line: 4 },
};

function system() {
  return layoutSystem({
    agent: 'a',
    base: 'Base.',
    memory: { text: 'Memory.', source: { file: 'AGENTS.md', line: 1 } },
    prompt: { text: 'Prompt.', source },
    skill,
    moreSkills: [{ ...skill, name: 'other', files: [] }],
  });
}

function user(text: string): Message {
  return { role: 'user', blocks: [{ type: 'text', text }] };
}

function request(history: readonly Message[]): ModelRequest {
  return assembleRequest({
    lane: 'a',
    tools: [],
    system: system(),
    history,
    outputTokensMax: 10,
    effort: null,
    output: null,
  });
}

describe('the layout', () => {
  it('puts what agents share before what is an agent’s own, and marks the end of both', () => {
    const blocks = system();
    expect(blocks.map(({ id }) => id)).toEqual([
      'base',
      'memory',
      'prompt:a',
      'skill:write',
      'skill-files:a',
    ]);
    expect(blocks.filter(({ cacheMark }) => cacheMark).map(({ id }) => id)).toEqual([
      'memory',
      'skill-files:a',
    ]);
    expect(blocks.at(-1)?.text).toContain('- write/references/tone.md\n- other/SKILL.md: How to write');
  });

  it('gives the same bytes twice', () => {
    expect(JSON.stringify(system())).toBe(JSON.stringify(system()));
  });

  it('never asks a provider for more than four cache marks', () => {
    const history = Array.from({ length: 9 }, (_, index) => user(`message ${index}`));
    const { system: blocks, messages } = request(history);
    const marks = [...blocks, ...messages].filter((each) => 'cacheMark' in each && each.cacheMark);
    expect(marks).toHaveLength(4);
    expect(messages.at(-1)).toHaveProperty('cacheMark', 'short');
  });
});

describe('a lane', () => {
  it('is extended by a request that only adds messages', () => {
    const [first, second] = [request([user('a')]), request([user('a'), user('b'), user('c')])];
    expect(prefixBreak(first, second)).toBeNull();
  });

  it('names the first thing that breaks it', () => {
    const first = request([user('a'), user('b')]);
    expect(prefixBreak(first, request([user('a'), user('x'), user('c')]))).toEqual({ at: 'message 2' });
    expect(prefixBreak(first, request([user('a')]))).toEqual({ at: 'message 2' });
    const changed = { ...first, system: first.system.map((block) => ({ ...block, text: `${block.text}!` })) };
    expect(prefixBreak(first, changed)).toEqual({ at: 'system block base' });
    expect(prefixBreak(first, { ...first, tools: [tool] })).toEqual({ at: 'tools' });
  });

  it('is told apart by content, not by cache marks', () => {
    const first = request([user('a')]);
    const unmarked = { ...first, messages: [user('a')] };
    expect(requestHash(first)).toBe(requestHash(unmarked));
    expect(requestHash(first)).not.toBe(requestHash(request([user('b')])));
  });
});

const tool = { name: 't', purpose: 'Does it.', inputSchema: { type: 'object' }, effect: 'read' as const };

describe('the token bill', () => {
  it('adds up to its parts', () => {
    const bill = tokenBill(system(), [tool], (text) => text.length);
    expect(bill.total).toBe(bill.base + bill.memory + bill.prompt + bill.skill + bill.tools);
    expect(bill).toMatchObject({ base: 5, memory: 7, prompt: 7 });
  });
});

describe('the static lint', () => {
  const cases: [string, string, string][] = [
    ['Today is 2026-03-01.', 'date', '2026-03-01'],
    ['As of 3 March 2026 we', 'date', '3 March 2026'],
    ['Since March 3, 2026', 'date', 'March 3, 2026'],
    ['Stand: 03.03.2026', 'date', '03.03.2026'],
    ['Job 123e4567-e89b-12d3-a456-426614174000', 'id', '123e4567-e89b-12d3-a456-426614174000'],
    ['commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', 'id', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
    ['for job_4f9a2c1', 'id', 'job_4f9a2c1'],
    ['see /home/ann/notes.md', 'absolute path', '/home/ann/notes.md'],
    ['see C:\\Users\\ann\\a.md', 'absolute path', 'C:\\Users\\ann\\a.md'],
    ['call https-host secret-host-9', 'environment value', 'the value of HOST_NAME'],
  ];
  for (const [text, kind, value] of cases) {
    it(`finds the ${kind} in “${text}” and says where it stands`, () => {
      const findings = lintStatic({ text: `First line.\n${text}`, source }, { HOST_NAME: 'secret-host-9' });
      expect(findings).toEqual([{ kind, value, place: { file: 'agents/a.md', line: 6 } }]);
    });
  }

  it('leaves ordinary prose, versions, relative paths and URLs alone', () => {
    const text = [
      'Node 22.18 and version 1.2.3, at most 280 characters, 2026 words.',
      'Write drafts/x.md and read ./a/b.md, ../c, or https://example.com/home/page and job-started.',
      'A model named sonnet-2025-01-02 and ranges like 10-20-30, the year 2026, and a `deadbeef` word.',
    ].join('\n');
    expect(lintStatic({ text, source }, { SHELL: 'Write drafts' })).toEqual([]);
  });
});
