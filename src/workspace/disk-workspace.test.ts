import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Workspace } from '../core/index.ts';
import { openDiskWorkspace } from './index.ts';
import { workspaceContract } from './testing.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'inspan-workspace-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function open(directory = join(root, 'job')): Promise<Workspace> {
  const opened = await openDiskWorkspace(directory);
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

async function text(files: Workspace, path: string): Promise<string> {
  const read = await files.read(path);
  return read.ok ? new TextDecoder().decode(read.value.bytes) : read.failure.code;
}

const at = (path: string) => join(root, 'job', path);

describe('a workspace on disk', () => {
  for (const { promise, check } of workspaceContract) {
    it(promise, () => check(async () => open(await mkdtemp(join(root, 'job-')))));
  }
});

describe('a workspace on disk, besides', () => {
  it('shows its files as plain files, and takes them away when they are removed', async () => {
    const files = await open();
    await files.write('drafts/deep/x.md', 'hello', null);
    expect(await readFile(at('drafts/deep/x.md'), 'utf8')).toBe('hello');
    await files.remove('drafts/deep/x.md');
    expect(await readdir(join(root, 'job'))).toEqual(['.inspan']);
  });

  it('finds the same files and versions when it is opened again', async () => {
    const files = await open();
    for (const each of ['one', 'two']) await files.write('a.md', each, null);
    await files.write('gone.md', 'x', null);
    await files.remove('gone.md');
    const again = await open();
    expect(await again.list()).toEqual(await files.list());
    expect(await text(again, 'a.md')).toBe('two');
    expect(await again.write('a.md', 'three', 2)).toMatchObject({ value: { version: 3 } });
    expect(await again.write('gone.md', 'y', 0)).toMatchObject({ value: { version: 3 } });
  });

  it('never lets a plain file decide', async () => {
    const files = await open();
    await files.write('a.md', 'kept', null);
    await writeFile(at('a.md'), 'edited by hand');
    await writeFile(at('b.md'), 'dropped by hand');
    expect(await text(files, 'a.md')).toBe('kept');
    expect(await text(await open(), 'b.md')).toBe('file-not-found');
  });

  it('takes a last line that a crash cut short as if it had never been begun, at every length', async () => {
    const files = await open();
    await files.write('a.md', 'one', null);
    const { size } = await stat(at('.inspan/files.jsonl'));
    await files.write('a.md', 'two', null);
    const whole = await readFile(at('.inspan/files.jsonl'));
    for (let length = size; length < whole.byteLength; length += 7) {
      await writeFile(at('.inspan/files.jsonl'), whole.subarray(0, length));
      const again = await open();
      expect(await text(again, 'a.md')).toBe('one');
      expect(await again.write('b.md', 'next', null)).toMatchObject({ ok: true });
      expect((await (await open()).list()).map(({ path }) => path)).toEqual(['a.md', 'b.md']);
    }
  });

  it('puts the last plain file right when a crash came before it was written', async () => {
    const files = await open();
    await files.write('drafts/a.md', 'one', null);
    await writeFile(at('drafts/a.md'), 'half of it');
    await open();
    expect(await readFile(at('drafts/a.md'), 'utf8')).toBe('one');
    await files.write('b.md', 'x', null);
    await files.remove('b.md');
    await writeFile(at('b.md'), 'x');
    await rm(at('drafts'), { recursive: true });
    await open();
    expect(await readdir(join(root, 'job'))).toEqual(['.inspan', 'drafts']);
    expect(await readFile(at('drafts/a.md'), 'utf8')).toBe('one');
  });

  it('says so when a content is missing or damaged, and writing the file again mends it', async () => {
    const files = await open();
    const written = await files.write('a.md', 'one', null);
    if (!written.ok) throw new Error('not written');
    await writeFile(at(`.inspan/blobs/${written.value.hash}`), 'else');
    expect(await files.read('a.md')).toMatchObject({
      failure: { code: 'tool-failed', message: expect.stringMatching(/damaged/) },
    });
    await files.write('a.md', 'one', null);
    expect(await text(files, 'a.md')).toBe('one');
    await rm(at(`.inspan/blobs/${written.value.hash}`));
    expect(await files.read('a.md')).toMatchObject({
      failure: { code: 'file-not-found', message: expect.stringMatching(/missing/) },
    });
    await files.write('a.md', 'one', null);
    expect(await text(files, 'a.md')).toBe('one');
  });

  it('refuses records that are damaged before their last line, or hold a path no write could have made', async () => {
    const files = await open();
    for (const each of ['a.md', 'b.md']) await files.write(each, each, null);
    const whole = await readFile(at('.inspan/files.jsonl'), 'utf8');
    await writeFile(at('.inspan/files.jsonl'), whole.replace('{', '['));
    expect(await openDiskWorkspace(at('.'))).toMatchObject({
      failure: { code: 'tool-failed', message: expect.stringMatching(/Line 1 /) },
    });
    await writeFile(at('.inspan/files.jsonl'), whole.replace('"a.md"', '"../a.md"'));
    expect(await openDiskWorkspace(at('.'))).toMatchObject({ ok: false });
  });

  it('notices when something else writes to its records', async () => {
    const first = await open();
    await first.write('a.md', 'one', null);
    const second = await open();
    await second.write('a.md', 'two', null);
    expect(await first.write('a.md', 'three', null)).toMatchObject({
      ok: false,
      failure: { code: 'tool-failed' },
    });
    expect(await text(await open(), 'a.md')).toBe('two');
  });
});

describe('a symlink never leads out of the workspace', () => {
  beforeEach(async () => {
    await mkdir(join(root, 'outside'));
    await writeFile(join(root, 'outside/secret.md'), 'secret');
    await mkdir(join(root, 'job'));
  });
  const untouched = async () => {
    expect(await readdir(join(root, 'outside'))).toEqual(['secret.md']);
    expect(await readFile(join(root, 'outside/secret.md'), 'utf8')).toBe('secret');
  };

  it('as a folder, as a file, or as a name without a file behind it', async () => {
    const files = await open();
    await symlink(join(root, 'outside'), at('drafts'));
    await symlink(join(root, 'outside/secret.md'), at('a.md'));
    await symlink(join(root, 'outside/new.md'), at('b.md'));
    for (const path of ['drafts/new.md', 'drafts/secret.md', 'a.md', 'b.md']) {
      const refused = await files.write(path, 'x', null);
      expect(refused).toMatchObject({ ok: false, failure: { code: 'path-refused' } });
      expect(JSON.stringify(refused)).not.toContain(root);
      expect(await files.read(path)).toMatchObject({ ok: false });
    }
    expect(await files.list()).toEqual([]);
    await untouched();
  });

  it('when it takes the place of a folder that was there', async () => {
    const files = await open();
    await files.write('drafts/secret.md', 'ours', null);
    await rm(at('drafts'), { recursive: true });
    await symlink(join(root, 'outside'), at('drafts'));
    expect(await files.remove('drafts/secret.md')).toMatchObject({ failure: { code: 'path-refused' } });
    expect(await text(await open(), 'drafts/secret.md')).toBe('ours');
    await untouched();
  });

  it('in the place of the records, of their index, or of the contents', async () => {
    await symlink(join(root, 'outside'), at('.inspan'));
    expect(await openDiskWorkspace(at('.'))).toMatchObject({ failure: { code: 'path-refused' } });
    await rm(at('.inspan'));
    await mkdir(at('.inspan'));
    await symlink(join(root, 'outside'), at('.inspan/blobs'));
    const files = await open();
    expect(await files.write('a.md', 'x', null)).toMatchObject({ failure: { code: 'path-refused' } });
    await rm(at('.inspan/blobs'));
    await symlink(join(root, 'outside/secret.md'), at('.inspan/files.jsonl'));
    expect(await files.write('a.md', 'x', null)).toMatchObject({ failure: { code: 'path-refused' } });
    await untouched();
  });

  it('in the place where a file waits to be moved', async () => {
    await mkdir(at('.inspan'));
    await symlink(join(root, 'outside/secret.md'), at('.inspan/incoming'));
    expect(await (await open()).write('a.md', 'x', null)).toMatchObject({ ok: true });
    await untouched();
  });
});

describe('what the disk refuses', () => {
  it('is a failure without a path of the machine', async () => {
    await writeFile(join(root, 'job'), 'a file');
    const refused = await openDiskWorkspace(join(root, 'job'));
    expect(refused).toMatchObject({ ok: false, failure: { code: 'tool-failed' } });
    expect(JSON.stringify(refused)).not.toContain(root);
  });

  it('in the place of a file is named, and nothing is recorded', async () => {
    const files = await open();
    await mkdir(at('a.md/full'), { recursive: true });
    expect(await files.write('a.md', 'x', null)).toMatchObject({ failure: { code: 'path-refused' } });
    expect(await files.list()).toEqual([]);
    expect(await files.write('b.md', 'x', null)).toMatchObject({ ok: true });
  });

  it('leaves half a line behind at most, which the next write clears away', async () => {
    const files = await open();
    await files.write('a.md', 'one', null);
    const { size } = await stat(at('.inspan/files.jsonl'));
    await appendFile(at('.inspan/files.jsonl'), '{"path":"b.md","ver');
    const again = await open();
    await again.write('c.md', 'x', null);
    expect((await readFile(at('.inspan/files.jsonl'), 'utf8')).split('\n')).toHaveLength(3);
    await truncate(at('.inspan/files.jsonl'), size);
    expect((await (await open()).list()).map(({ path }) => path)).toEqual(['a.md']);
  });
});
