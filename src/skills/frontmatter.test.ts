import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frontmatter, parseFrontmatter } from './frontmatter.ts';

async function parsed(text: string): Promise<Frontmatter> {
  const result = await parseFrontmatter(text, 'agents/a.md');
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

describe('frontmatter', () => {
  it('gives its values, the line of each key, and the body with its line', async () => {
    const file = await parsed(
      '---\nname: lead\n\n# a comment\ntools:\n  - Read\n  - Bash(git diff:*)\n---\n\n\n# Title\n\ntext\n\n',
    );
    expect(file.attributes).toEqual({ name: 'lead', tools: ['Read', 'Bash(git diff:*)'] });
    expect([file.lineOf('name'), file.lineOf('tools'), file.lineOf('model')]).toEqual([2, 5, undefined]);
    expect([file.body, file.bodyLine]).toEqual(['# Title\n\ntext', 11]);
    expect(file.notices).toEqual([]);
  });

  it.each([
    ['Windows line ends', '---\r\nname: a\r\n---\r\nline one\r\nline two\r\n'],
    ['a byte order mark', '\uFEFF---\nname: a\n---\nline one\nline two'],
    ['white space after the fences', '---  \nname: a\n--- \t\nline one\nline two\n  \n'],
  ])('is the same with %s', async (_, text) => {
    const file = await parsed(text);
    expect([file.attributes, file.body, file.bodyLine]).toEqual([{ name: 'a' }, 'line one\nline two', 4]);
  });

  it.each([
    ['no frontmatter', 'Just text\n---\nand a rule', {}, 'Just text\n---\nand a rule', 1],
    ['an empty one', '---\n---\nText', {}, 'Text', 3],
    ['one of comments alone', '---\n# nothing\n---\nText', {}, 'Text', 4],
    ['nothing below it', '---\na: 1\n---\n', { a: 1 }, '', 4],
    ['nothing at all', '', {}, '', 1],
    ['an indented first line', '\n\n    code\n', {}, '    code', 3],
  ])('is taken apart where there is %s', async (...[, text, attributes, body, bodyLine]) => {
    const file = await parsed(text);
    expect([file.attributes, file.body, file.bodyLine]).toEqual([attributes, body, bodyLine]);
  });

  it('keeps dates and version numbers in quotes as the text they are', async () => {
    const file = await parsed('---\nday: 2026-08-01\nversion: "1.10"\nyes: no\n---\n');
    expect(file.attributes).toEqual({ day: '2026-08-01', version: '1.10', yes: 'no' });
  });
});

describe('a value that YAML takes only in quotes', () => {
  it.each([
    ['a colon', 'description: Use when: the user asks', 'Use when: the user asks'],
    ['a colon on a line below', 'description: Use this\n  when: asked', 'Use this when: asked'],
    ['a colon and more lines', 'description: Use when: a\n  b "c" \\d\n  e', 'Use when: a b "c" \\d e'],
    ['brackets with text behind them', 'description: [file] [mode]', '[file] [mode]'],
    ['a star', 'description: *', '*'],
    ['an at sign', 'description: @someone', '@someone'],
    ['a quote inside and a colon', 'description: say "x": y', 'say "x": y'],
  ])('is read as text for %s, with one notice', async (_, line, value) => {
    const file = await parsed(`---\nname: a\n${line}\nmodel: b\n---\nBody`);
    expect(file.attributes).toEqual({ name: 'a', description: value, model: 'b' });
    expect(file.notices).toEqual([
      { message: expect.stringContaining('`description`'), place: { file: 'agents/a.md', line: 3 } },
    ]);
    expect(file.lineOf('model')).toBe(3 + line.split('\n').length);
  });

  it('leaves the sound values beside it as they are', async () => {
    const file = await parsed('---\na: x: y\nlist: [Read, Grep]\nmap: { k: 1 }\ntext: |\n  one: two\n---\n');
    expect(file.attributes).toEqual({ a: 'x: y', list: ['Read', 'Grep'], map: { k: 1 }, text: 'one: two\n' });
    expect(file.notices).toHaveLength(1);
  });
});

describe('frontmatter that cannot be read', () => {
  it.each([
    ['an open end', '---\nname: a\n', 1],
    ['an open quote', '---\nname: a\ndescription: "half\nmodel: b\n---\n', 3],
    ['an open list', '---\nname: a\ntools: [Read, Grep\n---\n', 3],
    ['a key twice', '---\nname: a\nmodel: x\nname: b\n---\n', 4],
    ['a list', '---\n- a\n- b\n---\n', 2],
    ['text alone', '---\njust text\n---\n', 2],
    ['an alias to nothing', '---\nname: a\nother: { x: *nowhere }\n---\n', 3],
  ])('fails with file and line for %s', async (_, text, line) => {
    const result = await parseFrontmatter(text, 'agents/a.md');
    expect(result).toMatchObject({
      ok: false,
      failure: { code: 'wrong-team', place: { file: 'agents/a.md', line } },
    });
  });

  it('is never an exception, whatever the text', async () => {
    const line = fc.oneof(
      fc.constantFrom('---', 'a: b', 'a: b: c', '  - x', '&a [*a]', '*a', 'k: |', '\t', '? x', '<<: *b'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const result = await parseFrontmatter(`---\n${lines.join('\n')}\n---\nBody`, 'x.md');
        expect(typeof result.ok).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  });

  it('does not unfold nested aliases without end', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'
        .split('')
        .map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`),
    ];
    const result = await parseFrontmatter(`---\n${bomb.join('\n')}\n---\n`, 'x.md');
    expect(result).toMatchObject({ ok: false, failure: { code: 'wrong-team' } });
  });
});
