import { describe, expect, it } from 'vitest';
import { createMemoryWorkspace } from './index.ts';
import { workspaceContract } from './testing.ts';

describe('a workspace in memory', () => {
  for (const { promise, check } of workspaceContract)
    it(promise, () => check(async () => createMemoryWorkspace()));

  it('refuses a file that is too large, and says how large one may be', async () => {
    const files = createMemoryWorkspace({ bytesMax: 4 });
    expect(await files.write('a.md', '1234', null)).toMatchObject({ ok: true });
    const refused = await files.write('a.md', '12345', null);
    expect(refused).toMatchObject({ ok: false, failure: { code: 'tool-failed' } });
    expect(refused).toMatchObject({ failure: { message: expect.stringMatching(/5 bytes .* 4 /) } });
    expect(await files.stage().write('b.md', '12345', null)).toMatchObject({ ok: false });
    expect(await files.apply([{ path: 'b.md', version: 1, text: '12345' }])).toMatchObject({ ok: false });
  });

  it('refuses one file too many, but still replaces those there are', async () => {
    const files = createMemoryWorkspace({ filesMax: 2 });
    for (const path of ['a.md', 'b.md']) await files.write(path, '', null);
    expect(await files.write('c.md', '', null)).toMatchObject({
      ok: false,
      failure: { code: 'tool-failed' },
    });
    expect(await files.write('a.md', 'x', null)).toMatchObject({ ok: true });
    await files.remove('b.md');
    expect(await files.write('c.md', '', null)).toMatchObject({ ok: true });
  });

  it('holds as many files as it promises without slowing to a halt', async () => {
    const files = createMemoryWorkspace();
    for (let file = 0; file < 3000; file++)
      await files.write(`folder-${file % 50}/file-${file}.md`, 'x', null);
    expect(await files.list()).toHaveLength(3000);
  });
});

describe('a stage, used like a workspace of its own', () => {
  for (const { promise, check } of workspaceContract) {
    it(promise, () => check(async () => createMemoryWorkspace().stage()));
  }
});

describe('a scope over everything, used like a workspace of its own', () => {
  for (const { promise, check } of workspaceContract) {
    it(promise, () => check(async () => createMemoryWorkspace().scope({ reads: [], writes: ['**'] })));
  }
});
