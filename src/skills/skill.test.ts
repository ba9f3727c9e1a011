import { describe, expect, it } from 'vitest';
import { InspanError, type ToolCall } from '../core/index.ts';
import { openSkillFileTool } from './open-skill-file.ts';
import { skill } from './skill.ts';

describe('a skill in TypeScript', () => {
  it.each([
    ['a name in capitals', { name: 'Tone' }, /lowercase/],
    ['a name with two hyphens together', { name: 'a--b' }, /lowercase/],
    ['a long name', { name: 'a'.repeat(65) }, /65 characters/],
    ['no description', { description: ' ' }, /`description` is empty/],
    ['a long description', { description: 'd'.repeat(1025) }, /1025/],
    ['no body', { body: '\n' }, /`body` is empty/],
    ['a file beyond the skill', { files: { '../x.md': '' } }, /path below the skill/],
    ['an absolute file', { files: { '/etc/x': '' } }, /path below the skill/],
    ['a SKILL.md among its files', { files: { 'SKILL.md': '' } }, /leave it out/],
  ])('is refused for %s', (_, wrong, message) => {
    expect(() => skill({ name: 'tone', description: 'd', body: 'b', ...wrong })).toThrow(message);
  });

  it('names everything that is wrong at once', () => {
    const everything = expect.objectContaining({
      failures: [expect.anything(), expect.anything(), expect.anything()],
    });
    expect(() => skill({ name: 'X', description: '', body: '' })).toThrow(InspanError);
    expect(() => skill({ name: 'X', description: '', body: '' })).toThrow(everything);
  });
});

describe('open_skill_file', () => {
  const tone = skill({
    name: 'tone',
    description: 'd',
    body: 'Tone body',
    files: { 'references/formal.md': 'Formal', 'a.md': 'A1' },
  });
  const extract = skill({ name: 'extract', description: 'd', body: 'Extract body', files: { 'a.md': 'A2' } });
  const bare = skill({ name: 'bare', description: 'd', body: 'Bare' });
  const call = {} as ToolCall;

  async function open(path: unknown): Promise<string> {
    const tool = openSkillFileTool({ inPrompt: tone, more: [extract] });
    const parsed = tool?.parse({ path });
    if (tool === null || parsed === undefined || !parsed.ok)
      return `refused: ${parsed?.ok === false ? parsed.failure.message : ''}`;
    const result = await tool.run(parsed.value, call);
    return result.ok ? result.value.text : result.failure.message;
  }

  it('does not exist where there is nothing to open', () => {
    expect(openSkillFileTool({ inPrompt: null, more: [] })).toBeNull();
    expect(openSkillFileTool({ inPrompt: bare, more: [] })).toBeNull();
    expect(openSkillFileTool({ inPrompt: bare, more: [bare] })).toBeNull();
  });

  it('offers every file once, sorted, and no body that stands in the prompt', () => {
    const tool = openSkillFileTool({ inPrompt: tone, more: [extract, tone, bare] });
    expect(tool).toMatchObject({ name: 'open_skill_file', effect: 'read', replay: 'safe' });
    expect(tool?.inputSchema).toMatchObject({
      properties: {
        path: {
          enum: [
            'bare/SKILL.md',
            'extract/SKILL.md',
            'extract/a.md',
            'tone/a.md',
            'tone/references/formal.md',
          ],
        },
      },
      required: ['path'],
    });
  });

  it.each([
    ['extract/SKILL.md', 'Extract body'],
    ['tone/a.md', 'A1'],
    ['./tone/references/formal.md', 'Formal'],
    ['references/formal.md', 'Formal'],
  ])('opens %s', async (path, text) => {
    expect(await open(path)).toBe(text);
  });

  it.each([['a.md'], ['tone/SKILL.md'], ['../secret'], [7], [undefined]])(
    'refuses %s and says what there is',
    async (path) => {
      expect(await open(path)).toMatch(/^refused: .*"extract\/SKILL\.md"/);
    },
  );
});
