import { describe, expect, it } from 'vitest';
import { readLimits } from './compose/limits.ts';
import { slotsOf } from './compose/template.ts';
import { membersNamed, readPlan, readTask } from './read-protocol.ts';

describe('the protocol', () => {
  it('is read from the first list under each heading', () => {
    const text =
      'Your task for this job.\r\n\r\nRead:\r\n- a.md (1,234 bytes)\r\n- b/\r\n\r\nAnswer:\r\n- o.json\r\n\r\nRead:\r\n- no.md\r\n';
    expect(readTask(text)).toEqual({ reads: ['a.md', 'b/'], writes: [], answers: ['o.json'] });
  });

  it('is not seen in a text that has none', () => {
    expect(readTask('Read: this book.\nWrite: soon.')).toBeNull();
    expect(readPlan('Step by step.', ['a'])).toEqual([]);
  });

  it('names only members, each once', () => {
    expect(readPlan('Step 1: a, ghost\nStep 2: b (writes b.md), a\nStep 3: ghost', ['a', 'b'])).toEqual([
      ['a'],
      ['b'],
    ]);
  });

  it('never takes a part of a name, path or file for a member', () => {
    const members = ['writer', 'x-writer', 'c++', '写手'];
    expect(membersNamed('x-writer is missing, see drafts/writer.md', members)).toEqual(['x-writer']);
    expect(membersNamed('Missing: writer. And c++, 写手!', members)).toEqual(['writer', 'c++', '写手']);
  });
});

describe("limits in an agent's text", () => {
  it.each([
    ['Each post: at most 280 characters.', 280, null],
    ['max. 280 chars per post, 3,000 characters in all', 280, null],
    ['150-250 words', null, 250],
    ['500–800 words, headline under 12 words', null, 800],
    ['höchstens 200 Wörter und 500 Zeichen', 500, 200],
    ['at least 300 words', null, null],
    ['a 280-character post', 280, null],
    ['不超过280字符', 280, null],
    ['3 words in 12 characters', null, null],
  ])('are found in %j', (text, paragraphLengthMax, wordsMax) => {
    expect(readLimits(text)).toMatchObject({ paragraphLengthMax, wordsMax });
  });
});

describe('slots of a template', () => {
  it.each([
    ['1. <claim>: "{quote}"', ['claim', 'quote']],
    ['[what to fix] and {{ name }}', ['what to fix', 'name']],
    ['- [ ] [x] [text](https://a.example) <https://a.example> <br> ![alt](b) [^1]', []],
    ['<details><summary>More</summary> <!-- no -->', []],
    ['1/<n> <hook, at most 20 words>', ['n', 'hook, at most 20 words']],
  ])('of %j', (line, labels) => {
    expect(slotsOf(line).map(({ label }) => label)).toEqual(labels);
  });
});
