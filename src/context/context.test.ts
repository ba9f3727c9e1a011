import { describe, expect, it } from 'vitest';
import type { Message, ModelRequest } from '../core/index.ts';
import {
  assembleRequest,
  createStaticPrefix,
  emptyLane,
  extendLane,
  layoutSystem,
  lintBlocks,
  lintStatic,
  prefixBreak,
  requestHash,
  requestTokens,
  sharedBlocksOf,
  tokenBill,
} from './index.ts';

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

const length = (text: string): number => text.length;

function prefix() {
  return createStaticPrefix({ tools: [], system: system(), sharedBlocks: 2, output: null });
}

function request(history: readonly Message[]): ModelRequest {
  return assembleRequest({
    lane: 'a',
    prefix: prefix(),
    marks: { system: system(), own: 'short', rolling: 'short', tokensMin: 0 },
    history,
    markedAt: [history.length - 1],
    outputTokensMax: 10,
    effort: null,
    thinkingTokensMax: null,
    output: null,
  });
}

describe('the layout', () => {
  it('puts what agents share before what is an agent’s own', () => {
    const blocks = system();
    expect(blocks.map(({ id }) => id)).toEqual([
      'base',
      'memory',
      'prompt:a',
      'skill:write',
      'skill-files:a',
    ]);
    expect(sharedBlocksOf(blocks)).toBe(2);
    expect(blocks.at(-1)?.text).toContain('- write/references/tone.md\n- other/SKILL.md: How to write');
  });

  it('gives the same bytes twice', () => {
    expect(JSON.stringify(system())).toBe(JSON.stringify(system()));
  });
});

describe('a lane', () => {
  it('is extended by a request that only adds messages', () => {
    const [first, second] = [request([user('a')]), request([user('a'), user('b'), user('c')])];
    expect(prefixBreak(first, second, length)).toBeNull();
  });

  it('names the first thing that breaks it', () => {
    const first = request([user('a'), user('b')]);
    const at = (next: ModelRequest) => prefixBreak(first, next, length)?.at;
    expect(at(request([user('a'), user('x'), user('c')]))).toBe('message 2');
    expect(at(request([user('a')]))).toBe('message 2');
    expect(at({ ...first, tools: [tool] })).toBe('tools');
    const changed = first.system.map((block) => ({ ...block, text: `${block.text}!` }));
    expect(at({ ...first, system: changed })).toBe('base');
  });

  it('that breaks tells where, in bytes, what stood there, and what has to be processed anew', () => {
    const textOf = (time: string) => ({
      id: 'prompt:a',
      stability: 'release' as const,
      text: `Grüße. Today is ${time}. Write well.`,
    });
    const more = { id: 'skill:b', stability: 'release' as const, text: '12345' };
    const [before, after] = ['2026-03-01', '2026-03-02'].map((time) => ({
      tools: [],
      system: [textOf(time), more],
    }));
    if (before === undefined || after === undefined) throw new Error('there are two');
    expect(prefixBreak(before, after, length)).toEqual({
      at: 'prompt:a',
      // ü and ß are two bytes each.
      byte: 'Grüße. Today is 2026-03-0'.length + 2,
      before: 'Grüße. Today is 2026-03-01. Write well.',
      after: 'Grüße. Today is 2026-03-02. Write well.',
      lostTokens: '1. Write well.'.length + 5,
    });
  });

  it('that breaks at a secret never shows it', () => {
    const of = (key: string) => ({
      tools: [],
      system: [{ id: 'base', stability: 'release' as const, text: `Use the api_key: ${key} and go on.` }],
    });
    const broken = prefixBreak(of('correct-horse-1'), of('correct-horse-2'), length);
    expect(broken).toMatchObject({ before: 'api_key: [redacted] and go on.', byte: 31 });
    expect(JSON.stringify(broken)).not.toContain('horse');
  });

  it('is told apart by content, not by cache marks', () => {
    const first = request([user('a')]);
    const unmarked = { ...first, messages: [user('a')] };
    expect(requestHash(first)).toBe(requestHash(unmarked));
    expect(requestHash(first)).not.toBe(requestHash(request([user('b')])));
    expect(requestHash(first)).not.toBe(requestHash({ ...first, outputTokensMax: 11 }));
    expect(requestHash(first)).not.toBe(requestHash({ ...first, tools: [tool] }));
  });

  it('hashes as it grows to the same as a request made from scratch', () => {
    const said = [user('a'), user('b'), user('c')];
    const lane = said.reduce((before, message) => extendLane(before, message, 1), emptyLane);
    const whole = request(said);
    expect(requestHash(whole, { prefix: prefix().hash, messages: lane.hash })).toBe(requestHash(whole));
    expect(lane).toMatchObject({ tokens: 3, taskTokens: 1, newestTokens: 1 });
  });
});

describe('counting', () => {
  it('never counts a picture by its bytes', () => {
    const picture = { type: 'image', mediaType: 'image/png', base64: 'A'.repeat(1_000_000) } as const;
    expect(requestTokens(request([{ role: 'user', blocks: [picture] }]), length)).toBeLessThan(3_000);
  });

  it('counts a static part once for each counter', () => {
    let counted = 0;
    const counting = (text: string): number => {
      counted += 1;
      return text.length;
    };
    const parts = prefix();
    const tokens = parts.tokens(counting);
    expect(tokens.total).toBe(tokens.tools + tokens.system.reduce((sum, each) => sum + each, 0));
    expect(tokens.shared).toBe('Base.Memory.'.length);
    const before = counted;
    parts.tokens(counting);
    expect(counted).toBe(before);
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
    ['It is Sat Nov 21 13:05:22 UTC 2026.', 'date', 'Sat Nov 21 13:05:22 UTC 2026'],
    ['Now: Sat Nov 21 2026 13:05:22 GMT+0000', 'date', 'Sat Nov 21 2026 13:05:22'],
    ['Sent Sat, 21 Nov 2026 13:05:22 GMT', 'date', 'Sat, 21 Nov 2026 13:05:22'],
    ['As of Nov 21, 2026 we', 'date', 'Nov 21, 2026'],
    ['Started 1795266322238', 'date', '1795266322238'],
    ['Started at 1795265915.', 'date', '1795265915'],
    ['Stamp 20261121T130000Z', 'date', '20261121T130000Z'],
    ['It is [13:02:11] now', 'date', '13:02:11'],
    ['for req_011CSHoEeqs5C35K2UUqR7Fy', 'id', 'req_011CSHoEeqs5C35K2UUqR7Fy'],
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
      expect(findings).toMatchObject([{ kind, value, place: { file: 'agents/a.md', line: 6 } }]);
    });
  }

  it('leaves ordinary prose, versions, relative paths and URLs alone', () => {
    const text = [
      'Node 22.18 and version 1.2.3, at most 280 characters, 2026 words.',
      'Write drafts/x.md and read ./a/b.md, ../c, or https://example.com/home/page and job-started.',
      'Open from 09:00 to 17:30, a budget of $1600000000, 1,600,000,000 rows, May 5 people march on, sat on.',
      'A model named sonnet-2025-01-02 and ranges like 10-20-30, the year 2026, and a `deadbeef` word.',
    ].join('\n');
    expect(lintStatic({ text, source }, { SHELL: 'Write drafts' })).toEqual([]);
  });

  it('says in which block a value stands, where, and in which line of its file', () => {
    const text = 'Hello.\nToday is 2026-03-01.';
    const blocks = layoutSystem({
      agent: 'a',
      base: 'As of 2020-01-01.',
      memory: null,
      prompt: { text, source },
      skill: { ...skill, body: text },
      moreSkills: [],
    });
    expect(lintBlocks(blocks, {})).toMatchObject([
      { at: 'prompt:a', place: { file: 'agents/a.md', line: 6 }, offset: text.indexOf('2026') },
      { at: 'skill:write', place: { file: 'skills/write/SKILL.md', line: 5 } },
    ]);
  });
});
