import { describe, expect, it } from 'vitest';
import type { AssistantBlock, Message, ToolDefinition } from '../core/index.ts';
import {
  bigResults,
  bigUnseenResults,
  cutLane,
  joinPins,
  lostPins,
  type Pins,
  pinsOf,
  summaryMessage,
  withoutBoundThinking,
  withPointers,
} from './index.ts';

const user = (text: string): Message => ({ role: 'user', blocks: [{ type: 'text', text }] });
const says = (text: string): Message => ({ role: 'assistant', blocks: [{ type: 'text', text }] });
const calls = (id: string, name: string, input: Record<string, string>): Message => ({
  role: 'assistant',
  blocks: [{ type: 'tool-call', id, name, input }],
});
const answers = (id: string, text: string, failed = false): Message => ({
  role: 'user',
  blocks: [{ type: 'tool-result', id, text, failed }],
});
const tool = (name: string, effect: ToolDefinition['effect']): ToolDefinition => ({
  name,
  purpose: 'Does it.',
  inputSchema: { type: 'object' },
  effect,
});
const tools = [tool('write_file', 'write'), tool('read_file', 'read')];

describe('what is pinned', () => {
  const constraints: readonly (readonly [text: string, pinned: readonly string[]])[] = [
    ['Fine. You must keep it short. Thanks.', ['You must keep it short.']],
    ['- Never name a price\n- Be kind', ['Never name a price']],
    ['Use only the facts. Use all of them.', ['Use only the facts.']],
    ['At most 280 characters! Go.', ['At most 280 characters!']],
    ['Do not write emails; don’t call.', ['Do not write emails; don’t call.']],
    ['A mustard seed. Neverland.', []],
  ];
  it.each(constraints)('of “%s” are the sentences that bind', (text, pinned) => {
    expect(pinsOf([user(text)], []).constraints).toEqual(pinned);
    expect(pinsOf([says(text)], []).constraints).toEqual(pinned);
  });

  it('are items of a plan, open questions, paths written and names', () => {
    const messages = [
      says(
        'Plan:\n1. Read all.\n2. Write it.\n- [x] Read brief.md\nShould it rhyme? See ABC-12 and `maxTurns`.',
      ),
      calls('1', 'write_file', { path: 'a.md', content: 'two words' }),
      answers('1', 'You must obey this file.'),
      calls('2', 'write_file', { path: 'refused.md', content: 'two words' }),
      answers('2', 'No.', true),
      calls('3', 'read_file', { path: 'b.md' }),
      answers('3', 'B'),
    ];
    expect(pinsOf(messages, tools)).toEqual({
      constraints: [],
      plan: ['1. Read all.', '2. Write it.', '- [x] Read brief.md'],
      questions: ['Should it rhyme?'],
      paths: ['a.md'],
      identifiers: ['ABC-12', 'maxTurns', 'a.md'],
    });
  });

  it('are bounded, the newest kept', () => {
    const many = Array.from({ length: 100 }, (_, index) => user(`You must do ${index}.`));
    const { constraints } = pinsOf(many, []);
    expect(constraints).toHaveLength(40);
    expect(constraints.at(-1)).toBe('You must do 99.');
  });

  it('stay through a second summary, once', () => {
    const first = pinsOf([user('You must rhyme.')], []);
    const second = pinsOf([summaryMessage(first, 'All went well.', []), user('Never shout.')], []);
    expect(joinPins(first, second).constraints).toEqual(['You must rhyme.', 'Never shout.']);
  });
});

describe('a cut conversation', () => {
  const messages = [user('task'), says('1'), user('a'), says('2'), user('b'), says('3'), user('c')];

  it('keeps its last turns, each beginning with a reply', () => {
    expect(cutLane(messages, 2)).toEqual({
      task: messages[0],
      old: messages.slice(1, 3),
      kept: messages.slice(3),
    });
    expect(cutLane(messages, 3)).toBeNull();
    expect(cutLane([user('task')], 1)).toBeNull();
  });

  it('has pointers where big results stood, and nowhere else', () => {
    const big = 'x'.repeat(5_000);
    const old = [
      calls('1', 'read_file', {}),
      answers('1', big),
      calls('2', 'read_file', {}),
      answers('2', 'small'),
    ];
    const moved = bigResults(old, 'tool-results/a/');
    expect(moved.map(({ id }) => id)).toEqual(['1']);
    const lighter = withPointers(old, moved);
    expect(lighter[1]?.blocks).toEqual([
      {
        type: 'tool-result',
        id: '1',
        failed: false,
        text: `[5000 characters that stood here are in ${moved[0]?.path} now. Read that file with read_file if you need them again.]`,
      },
    ]);
    expect([lighter[0], lighter[2], lighter[3]]).toEqual([old[0], old[2], old[3]]);
    expect(bigResults(lighter, 'tool-results/a/')).toEqual([]);
  });

  it('may give up big results that were not seen yet, the largest first, each with its file', () => {
    const result = (id: string, length: number, failed = false) =>
      ({ type: 'tool-result', id, text: 'x'.repeat(length), failed }) as const;
    const call = (id: string, name: string) =>
      ({ type: 'tool-call', id, name, input: { path: `${id}.md` } }) as const;
    const turn: readonly Message[] = [
      user('task'),
      { role: 'assistant', blocks: [call('1', 'read_file'), call('2', 'fetch'), call('3', 'read_file')] },
      { role: 'user', blocks: [result('1', 3_000), result('2', 5_000), result('3', 9_000, true)] },
    ];
    const found = bigUnseenResults(turn, 'tool-results/a/');
    expect(found.map(({ id, isCopy }) => [id, isCopy])).toEqual([
      ['2', true],
      ['1', false],
    ]);
    expect(found[1]?.pointer).toContain('3000 characters of 1.md did not fit here.');
    expect(bigUnseenResults(turn, null).map(({ id }) => id)).toEqual(['1']);
    expect(bigUnseenResults([user('task')], null)).toEqual([]);
  });

  it('carries no thinking that is bound to the conversation before', () => {
    const thought = (provider: string): AssistantBlock => ({ type: 'opaque', provider, content: 'hm' });
    const reply: Message = {
      role: 'assistant',
      blocks: [thought('anthropic'), thought('openai'), { type: 'text', text: 'a' }],
    };
    expect(withoutBoundThinking([reply])[0]?.blocks).toEqual(reply.blocks.slice(1));
    const silent: Message = { role: 'assistant', blocks: [thought('anthropic')] };
    expect(withoutBoundThinking([silent])[0]?.blocks).toHaveLength(1);
  });
});

describe('the check of a summary', () => {
  const pins: Pins = {
    constraints: ['Never shout.'],
    plan: ['1. Read.'],
    questions: ['Why?'],
    paths: ['drafts/x.md'],
    identifiers: ['ABC-12'],
  };

  it('finds every name that it lost, wherever the rest of the conversation says it', () => {
    const lost = (summary: string, ...rest: Message[]) =>
      lostPins(pins, [summaryMessage(pins, summary, []), ...rest]);
    expect(lost('Wrote drafts/x.md for ABC-12.')).toEqual([]);
    expect(lost('Wrote it.')).toEqual(['drafts/x.md', 'ABC-12']);
    expect(lost('For ABC-12.', calls('1', 'write_file', { path: 'drafts/x.md' }))).toEqual([]);
  });

  it('can be met by code: what was lost is put back word for word', () => {
    const message = summaryMessage(pins, 'Wrote it.', ['drafts/x.md', 'ABC-12']);
    expect(lostPins(pins, [message])).toEqual([]);
  });
});
