import assert from 'node:assert/strict';
import { hashBytes } from '../core/index.ts';
import { pathsOf, refused, textOf, value, type WorkspacePromise } from './contract-promise.ts';

/** What a workspace promises of its files: paths, contents, versions. */
export const fileContract: readonly WorkspacePromise[] = [
  {
    promise: 'a new workspace has no files',
    check: async (open) => assert.deepEqual(await (await open()).list(), []),
  },
  {
    promise: 'a file that was written reads back byte for byte, under its hash',
    async check(open) {
      const files = await open();
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      value(await files.write('a/b.bin', bytes, null));
      const expected = { path: 'a/b.bin', hash: hashBytes(bytes), bytesSize: 256, version: 1 };
      assert.deepEqual(value(await files.read('a/b.bin')), { ...expected, bytes });
      assert.deepEqual(await files.list(), [expected]);
    },
  },
  {
    promise: 'text is kept as UTF-8, and an empty file is a file',
    async check(open) {
      const files = await open();
      value(await files.write('umlaut.md', 'Grüße 🐂\r\n', null));
      assert.equal(await textOf(files, 'umlaut.md'), 'Grüße 🐂\r\n');
      value(await files.write('empty.md', '', null));
      assert.equal(await textOf(files, 'empty.md'), '');
    },
  },
  {
    promise: 'every write of a path makes a new version, also one with the same bytes',
    async check(open) {
      const files = await open();
      const versions: number[] = [];
      for (const text of ['one', 'two', 'two'])
        versions.push(value(await files.write('a.md', text, null)).version);
      assert.deepEqual(versions, [1, 2, 3]);
      assert.equal(value(await files.write('b.md', 'one', null)).version, 1);
    },
  },
  {
    promise: 'a version is never used twice, also not after the file was removed',
    async check(open) {
      const files = await open();
      const before = value(await files.write('a.md', 'one', null)).version;
      value(await files.remove('a.md'));
      assert.ok(value(await files.write('a.md', 'two', 0)).version > before);
    },
  },
  {
    promise: 'a removed file is neither listed nor read, and cannot be removed again',
    async check(open) {
      const files = await open();
      value(await files.write('a.md', 'one', null));
      value(await files.remove('a.md'));
      assert.deepEqual(await files.list(), []);
      refused(await files.read('a.md'), 'file-not-found');
      refused(await files.remove('a.md'), 'file-not-found');
    },
  },
  {
    promise: 'a file that was never written is not found, by name',
    check: async (open) =>
      assert.match(refused(await (await open()).read('no/such.md'), 'file-not-found'), /no\/such\.md/),
  },
  {
    promise: 'expecting version 0 only creates',
    async check(open) {
      const files = await open();
      value(await files.write('a.md', 'one', 0));
      refused(await files.write('a.md', 'two', 0), 'version-conflict');
      assert.equal(await textOf(files, 'a.md'), 'one');
    },
  },
  {
    promise: 'expecting a version only replaces that one, and the failure says which one is there',
    async check(open) {
      const files = await open();
      value(await files.write('a.md', 'one', null));
      value(await files.write('a.md', 'two', 1));
      assert.match(refused(await files.write('a.md', 'three', 1), 'version-conflict'), /\b2\b/);
      refused(await files.write('b.md', 'three', 1), 'version-conflict');
      assert.equal(await textOf(files, 'a.md'), 'two');
    },
  },
  {
    promise: 'of two writes at once that expect the same version exactly one wins',
    async check(open) {
      const files = await open();
      value(await files.write('a.md', 'start', null));
      const texts = ['left', 'right', 'third'];
      const results = await Promise.all(texts.map((text) => files.write('a.md', text, 1)));
      const winner = results.findIndex((result) => result.ok);
      assert.equal(results.filter((result) => result.ok).length, 1);
      assert.equal(await textOf(files, 'a.md'), texts[winner]);
      for (const result of results)
        if (!result.ok) assert.match(refused(result, 'version-conflict'), /version 2/);
    },
  },
  {
    promise: 'writes at once of one path are all counted',
    async check(open) {
      const files = await open();
      const results = await Promise.all([1, 2, 3, 4].map((each) => files.write('a.md', `${each}`, null)));
      const versions = results.map((result) => value(result).version);
      assert.deepEqual(new Set(versions), new Set([1, 2, 3, 4]));
    },
  },
  {
    promise: 'the list is sorted by path, whatever the order of writing',
    async check(open) {
      const files = await open();
      for (const path of ['b.md', 'a/z.md', 'Z.md', 'a.md']) value(await files.write(path, path, null));
      assert.deepEqual(await pathsOf(files), ['Z.md', 'a.md', 'a/z.md', 'b.md']);
    },
  },
  {
    promise: 'a path that could leave the workspace, or is its records, is refused by every call',
    async check(open) {
      const files = await open();
      for (const path of [
        '../a.md',
        '/a.md',
        'a/../../b.md',
        'C:\\a.md',
        'a\\b.md',
        '',
        '.inspan/files.jsonl',
        'a\0.md',
      ]) {
        refused(await files.read(path), 'path-refused');
        refused(await files.write(path, 'x', null), 'path-refused');
        refused(await files.remove(path), 'path-refused');
        refused(await files.apply([{ path, version: 1, text: 'x' }]), 'path-refused');
      }
      assert.deepEqual(await files.list(), []);
    },
  },
  {
    promise: 'one name in two normal forms is one file',
    async check(open) {
      const files = await open();
      value(await files.write('caf\u00e9.md', 'one', null));
      assert.equal(value(await files.write('cafe\u0301.md', 'two', null)).version, 2);
      assert.deepEqual(await pathsOf(files), ['caf\u00e9.md']);
    },
  },
  {
    promise: 'a name that differs from another only in case is refused, naming the other',
    async check(open) {
      const files = await open();
      value(await files.write('drafts/a.md', 'one', null));
      assert.match(refused(await files.write('drafts/A.md', 'x', null), 'path-refused'), /drafts\/a\.md/);
      assert.match(refused(await files.write('Drafts/b.md', 'x', null), 'path-refused'), /`drafts\/`/);
      value(await files.write('drafts/b.md', 'x', null));
    },
  },
  {
    promise: 'a file never takes the name of a folder, nor a folder that of a file',
    async check(open) {
      const files = await open();
      value(await files.write('drafts/a.md', 'one', null));
      refused(await files.write('drafts', 'x', null), 'path-refused');
      refused(await files.write('drafts/a.md/b.md', 'x', null), 'path-refused');
      value(await files.remove('drafts/a.md'));
      value(await files.write('drafts', 'x', null));
      assert.deepEqual(await pathsOf(files), ['drafts']);
    },
  },
  {
    promise: 'what a caller does with its bytes afterwards does not change the file',
    async check(open) {
      const files = await open();
      const bytes = Uint8Array.of(1, 2, 3);
      const writing = files.write('a.bin', bytes, null);
      bytes.fill(9);
      value(await writing);
      value(await files.read('a.bin')).bytes.fill(7);
      assert.deepEqual([...value(await files.read('a.bin')).bytes], [1, 2, 3]);
    },
  },
];
