import { describe, expect, it } from 'vitest';
import { type TeamFiles, writeTeamFolder } from '../../../test/setup/team-folder.ts';
import { createReport } from '../settings/report.ts';
import { loadMemory } from './team-memory.ts';

async function memoryOf(files: TeamFiles) {
  const report = createReport();
  const memory = await loadMemory(await writeTeamFolder(files), report);
  expect(report.failures).toEqual([]);
  return { memory, notices: report.notices };
}

describe('the memory of a team', () => {
  it('is AGENTS.md as it is, and CLAUDE.md never beside it', async () => {
    const { memory } = await memoryOf({ 'AGENTS.md': 'Ours @x.md\n', 'CLAUDE.md': 'Theirs', 'x.md': 'x' });
    expect(memory).toEqual({ text: 'Ours @x.md', source: { file: 'AGENTS.md', line: 1 } });
  });

  it('is nothing where there is no file, or an empty one', async () => {
    expect((await memoryOf({})).memory).toBeNull();
    expect((await memoryOf({ 'AGENTS.md': '\n \n' })).memory).toBeNull();
  });

  it('is CLAUDE.md, with a line that is an import replaced by what it imports', async () => {
    const files = {
      'CLAUDE.md': 'One\n@docs/two.md\nThree',
      'docs/two.md': 'Two\n@./deep/four.md\n',
      'docs/deep/four.md': 'Four\n',
    };
    expect((await memoryOf(files)).memory?.text).toBe('One\nTwo\nFour\nThree');
  });

  it('puts what a sentence imports at the end, each file once', async () => {
    const files = {
      'CLAUDE.md': '- style: @style.md.\n- again @style.md and (see @README)',
      'style.md': 'Style',
      README: 'Read',
    };
    expect((await memoryOf(files)).memory?.text).toBe(`${files['CLAUDE.md']}\n\nStyle\n\nRead`);
  });

  it('leaves code spans, fences, addresses and mentions alone', async () => {
    const text =
      'Use `@a.md` and ``x ` @a.md``\n```\n@a.md\n~~~\n@a.md\n```\nme@a.md @someone\n~~~~\n```\n@a.md\n~~~~';
    expect(await memoryOf({ 'CLAUDE.md': text, 'a.md': 'A' })).toMatchObject({
      memory: { text },
      notices: [],
    });
  });

  it('follows a symlink that stays inside', async () => {
    const { memory } = await memoryOf({ 'docs/real.md': 'Real', 'AGENTS.md': '→ docs/real.md' });
    expect(memory?.text).toBe('Real');
  });

  it('takes four imports in a row', async () => {
    const files = { 'CLAUDE.md': '@1.md', '1.md': '@2.md', '2.md': '@3.md', '3.md': '@4.md', '4.md': 'deep' };
    expect((await memoryOf(files)).memory?.text).toBe('deep');
  });
});
