import assert from 'node:assert/strict';
import type { FileChange, Workspace } from '../core/index.ts';
import { pathsOf, refused, textOf, value, type WorkspacePromise } from './contract-promise.ts';

/** What a workspace promises of its views: scopes, stages, and changes made true later. */
export const viewContract: readonly WorkspacePromise[] = [
  {
    promise: 'a scope reads what it may read or write, and lists nothing else',
    async check(open) {
      const files = await withFiles(open, ['brief.md', 'drafts/x.md', 'secret.md']);
      const scoped = files.scope({ reads: ['brief.md'], writes: ['drafts/'] });
      assert.deepEqual(await pathsOf(scoped), ['brief.md', 'drafts/x.md']);
      assert.equal(await textOf(scoped, 'brief.md'), 'brief.md');
      const message = refused(await scoped.read('secret.md'), 'outside-scope');
      assert.match(message, /brief\.md, drafts\//);
      refused(await scoped.read('no/such.md'), 'outside-scope');
    },
  },
  {
    promise: 'a scope writes, removes and applies only what it may write',
    async check(open) {
      const files = await withFiles(open, ['brief.md']);
      const scoped = files.scope({ reads: ['brief.md'], writes: ['drafts/*.md'] });
      assert.match(refused(await scoped.write('brief.md', 'x', null), 'outside-scope'), /drafts\/\*\.md/);
      refused(await scoped.remove('brief.md'), 'outside-scope');
      refused(await scoped.apply([{ path: 'brief.md', version: 9, text: 'x' }]), 'outside-scope');
      refused(await scoped.write('drafts/deep/x.md', 'x', null), 'outside-scope');
      value(await scoped.write('drafts/x.md', 'x', null));
      assert.equal(await textOf(files, 'brief.md'), 'brief.md');
      assert.equal(await textOf(files, 'drafts/x.md'), 'x');
    },
  },
  {
    promise: 'a scope made from a scope can refuse more, never less',
    async check(open) {
      const files = await withFiles(open, ['a.md', 'b.md', 'drafts/x.md']);
      const outer = files.scope({ reads: ['a.md'], writes: ['drafts/'] });
      const inner = outer.scope({ reads: ['**'], writes: ['**'] });
      assert.deepEqual(await pathsOf(inner), ['a.md', 'drafts/x.md']);
      refused(await inner.read('b.md'), 'outside-scope');
      refused(await inner.write('a.md', 'x', null), 'outside-scope');
      const narrow = inner.scope({ reads: [], writes: ['drafts/y.md'] });
      assert.deepEqual(await pathsOf(narrow), []);
      refused(await narrow.read('a.md'), 'outside-scope');
    },
  },
  {
    promise: 'a scope without rules allows nothing',
    async check(open) {
      const files = (await withFiles(open, ['a.md'])).scope({ reads: [], writes: [] });
      assert.deepEqual(await pathsOf(files), []);
      assert.match(refused(await files.read('a.md'), 'outside-scope'), /[Nn]othing/);
    },
  },
  {
    promise: 'a refusal never names a file that the scope may not read',
    async check(open) {
      const files = await withFiles(open, ['drafts/Secret.md']);
      const scoped = files.scope({ reads: [], writes: ['drafts/secret.md'] });
      assert.doesNotMatch(
        refused(await scoped.write('drafts/secret.md', 'x', null), 'path-refused'),
        /Secret/,
      );
    },
  },
  {
    promise: 'a stage sees the files below and its own writes, and leaves the files below alone',
    async check(open) {
      const files = await withFiles(open, ['a.md', 'b.md']);
      const stage = files.stage();
      value(await stage.write('a.md', 'staged', 1));
      value(await stage.write('new.md', 'staged', 0));
      value(await stage.remove('b.md'));
      assert.deepEqual(await pathsOf(stage), ['a.md', 'new.md']);
      assert.equal(await textOf(stage, 'a.md'), 'staged');
      refused(await stage.read('b.md'), 'file-not-found');
      assert.deepEqual(await pathsOf(files), ['a.md', 'b.md']);
      assert.equal(await textOf(files, 'a.md'), 'a.md');
    },
  },
  {
    promise: 'a stage gives its changes sorted by path, the last state of each, one version on',
    async check(open) {
      const files = await withFiles(open, ['a.md', 'b.md']);
      const stage = files.stage();
      value(await stage.write('c.md', 'first', null));
      value(await stage.write('c.md', 'last', null));
      value(await stage.write('a.md', 'new', null));
      value(await stage.remove('b.md'));
      value(await stage.write('short-lived.md', 'x', null));
      value(await stage.remove('short-lived.md'));
      assert.deepEqual(stage.changes(), [
        { path: 'a.md', version: 2, text: 'new' },
        { path: 'b.md', version: 2, removed: true },
        { path: 'c.md', version: 1, text: 'last' },
      ]);
    },
  },
  {
    promise: 'a stage without writes has no changes',
    check: async (open) => assert.deepEqual((await withFiles(open, ['a.md'])).stage().changes(), []),
  },
  {
    promise: 'changes carry every content without loss, as text where it is text',
    async check(open) {
      const files = await open();
      const stage = files.stage();
      const contents = {
        'bom.md': [0xef, 0xbb, 0xbf, 0x61],
        'broken.md': [0x61, 0xff],
        'crlf.md': [0x0d, 0x0a, 0],
      };
      for (const [path, bytes] of Object.entries(contents))
        value(await stage.write(path, Uint8Array.from(bytes), null));
      const changes = JSON.parse(JSON.stringify(stage.changes())) as readonly FileChange[];
      assert.deepEqual(
        changes.map((change) => 'text' in change),
        [true, false, true],
      );
      value(await files.apply(changes));
      for (const [path, bytes] of Object.entries(contents))
        assert.deepEqual([...value(await files.read(path)).bytes], bytes);
    },
  },
  {
    promise: 'applied changes make the files what the stage saw',
    async check(open) {
      const files = await withFiles(open, ['a.md', 'b.md']);
      const stage = files.stage();
      value(await stage.write('a.md', 'new', null));
      value(await stage.remove('b.md'));
      value(await files.apply(stage.changes()));
      assert.deepEqual(await files.list(), await stage.list());
      assert.equal(await textOf(files, 'a.md'), 'new');
    },
  },
  {
    promise: 'applying changes again changes nothing, also when the files have moved on',
    async check(open) {
      const files = await withFiles(open, ['a.md', 'b.md']);
      const changes: readonly FileChange[] = [
        { path: 'a.md', version: 2, text: 'applied' },
        { path: 'b.md', version: 2, removed: true },
      ];
      value(await files.apply(changes));
      value(await files.write('b.md', 'again', null));
      const before = await files.list();
      value(await files.apply(changes));
      assert.deepEqual(await files.list(), before);
      value(await files.write('a.md', 'later', 2));
      value(await files.apply(changes));
      assert.equal(await textOf(files, 'a.md'), 'later');
    },
  },
  {
    promise: 'when one change is refused none is applied',
    async check(open) {
      const files = await withFiles(open, ['b.md']);
      refused(
        await files.apply([
          { path: 'a.md', version: 1, text: 'x' },
          { path: 'B.md', version: 1, text: 'x' },
        ]),
        'path-refused',
      );
      assert.deepEqual(await pathsOf(files), ['b.md']);
    },
  },
  {
    promise: 'a file may take the name of a folder that the same changes empty',
    async check(open) {
      const files = await withFiles(open, ['notes/a.md']);
      const stage = files.stage();
      value(await stage.remove('notes/a.md'));
      value(await stage.write('notes', 'x', null));
      value(await files.apply(stage.changes()));
      assert.deepEqual(await pathsOf(files), ['notes']);
    },
  },
  {
    promise: 'a stage of a scope, and a scope of a stage, keep to the scope',
    async check(open) {
      const files = await withFiles(open, ['a.md', 'b.md']);
      const rules = { reads: ['a.md'], writes: ['c.md'] };
      const staged = files.scope(rules).stage();
      const whole = files.stage();
      for (const view of [staged, whole.scope(rules)]) {
        refused(await view.read('b.md'), 'outside-scope');
        refused(await view.write('a.md', 'x', null), 'outside-scope');
        value(await view.write('c.md', 'x', 0));
        assert.deepEqual(await pathsOf(view), ['a.md', 'c.md']);
      }
      for (const view of [staged, whole])
        assert.deepEqual(view.changes(), [{ path: 'c.md', version: 1, text: 'x' }]);
      assert.deepEqual(await pathsOf(files), ['a.md', 'b.md']);
    },
  },
  {
    promise: 'a stage refuses at once what applying its changes would refuse',
    async check(open) {
      const files = await withFiles(open, ['drafts/a.md']);
      const stage = files.stage();
      refused(await stage.write('Drafts/b.md', 'x', null), 'path-refused');
      refused(await stage.write('drafts', 'x', null), 'path-refused');
      refused(await stage.write('drafts/a.md', 'x', 0), 'version-conflict');
    },
  },
  {
    promise: 'changes recorded one after the other rebuild a workspace from nothing',
    async check(open) {
      const [first, second] = [await open(), await open()];
      for (const text of ['one', 'two', null, 'three']) {
        const stage = first.stage();
        if (text === null) value(await stage.remove('a.md'));
        else value(await stage.write('a.md', text, null));
        value(await first.apply(stage.changes()));
        value(await second.apply(stage.changes()));
      }
      assert.deepEqual(await second.list(), await first.list());
      assert.equal(await textOf(second, 'a.md'), 'three');
    },
  },
];

/** A workspace whose files hold their own paths. */
async function withFiles(open: () => Promise<Workspace>, paths: readonly string[]): Promise<Workspace> {
  const files = await open();
  for (const path of paths) value(await files.write(path, path, null));
  return files;
}
