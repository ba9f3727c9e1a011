import { describe, expect, it } from 'vitest';
import type { ToolCall, Workspace } from '../core/index.ts';
import { createMemoryWorkspace, fileTools } from './index.ts';

async function workspaceWith(contents: Readonly<Record<string, string | Uint8Array>>): Promise<Workspace> {
  const files = createMemoryWorkspace();
  for (const [path, content] of Object.entries(contents)) await files.write(path, content, null);
  return files;
}

/** What a model would see: the answer's text, or the failure as `code: message`. */
async function use(name: string, input: unknown, workspace: Workspace): Promise<string> {
  const tool = fileTools().find((each) => each.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${name}`);
  const parsed = tool.parse(input);
  const result = parsed.ok ? await tool.run(parsed.value, callIn(workspace)) : parsed;
  return result.ok ? result.value.text : `${result.failure.code}: ${result.failure.message}`;
}

function callIn(workspace: Workspace, signal: AbortSignal = new AbortController().signal): ToolCall {
  const key = 'turn-1/call-1';
  const wait = async () => await Promise.reject(new Error('Nobody waits here'));
  return { agent: 'writer', key, idempotencyKey: `job/${key}`, workspace, signal, wait };
}

async function textOf(files: Workspace, path: string): Promise<string> {
  const read = await files.read(path);
  return read.ok ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(read.value.bytes) : read.failure.code;
}

describe('the file tools', () => {
  it('come in a fixed order, with the same words every time', () => {
    expect(fileTools().map(({ name, effect, replay }) => [name, effect, replay])).toEqual([
      ['list_files', 'read', 'safe'],
      ['read_file', 'read', 'safe'],
      ['write_file', 'write', 'safe'],
      ['edit_file', 'write', 'safe'],
      ['search_files', 'read', 'safe'],
    ]);
    expect(JSON.stringify(fileTools())).toBe(JSON.stringify(fileTools()));
  });

  it('have schemas that providers take as they are', () => {
    for (const { inputSchema } of fileTools()) {
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(inputSchema).not.toHaveProperty('$schema');
      expect(JSON.stringify(inputSchema)).not.toContain(String(Number.MAX_SAFE_INTEGER));
    }
  });

  it('answer wrong arguments with one line for each problem: the field, and what was expected', async () => {
    const files = await workspaceWith({});
    expect(await use('read_file', { offset: '3', limit: 0, pages: 1 }, files)).toBe(
      [
        'bad-arguments: path: expected a string, but it is missing.',
        'offset: expected a number, but got a string.',
        'limit: expected at least 1.',
        'pages: there is no such field. Leave it out.',
        'read_file takes path, offset, limit, character.',
      ].join('\n'),
    );
    expect(await use('write_file', '{"path": "a.md", "cont', files)).toMatch(
      /^bad-arguments: .*JSON object.*path, content/,
    );
    expect(await use('edit_file', { path: 'a', old_text: '', new_text: 1 }, files)).toMatch(
      /old_text: expected some text/,
    );
  });

  it('take null for a field that is left out', async () => {
    const files = await workspaceWith({ 'a.md': 'x' });
    expect(await use('read_file', { path: 'a.md', offset: null, limit: null }, files)).toBe('x');
  });

  it('stay within the scope of the call', async () => {
    const files = (await workspaceWith({ 'brief.md': 'open', 'secret.md': 'hidden' })).scope({
      reads: ['brief.md'],
      writes: ['x.md'],
    });
    expect(await use('list_files', {}, files)).toBe('brief.md (4 bytes)');
    expect(await use('read_file', { path: 'secret.md' }, files)).toMatch(/^outside-scope: /);
    expect(await use('write_file', { path: 'brief.md', content: '' }, files)).toMatch(
      /^outside-scope: .*x\.md/,
    );
    expect(await use('edit_file', { path: 'brief.md', old_text: 'open', new_text: 'shut' }, files)).toMatch(
      /^outside-scope: /,
    );
    expect(await use('search_files', { pattern: 'hidden' }, files)).toMatch(/No line matches/);
  });
});

describe('list_files', () => {
  it('shows paths and sizes, of all files or of those that are asked for', async () => {
    const files = await workspaceWith({ 'a.md': 'x', 'drafts/b.md': 'y'.repeat(1234), 'drafts/c.txt': '' });
    const all = 'a.md (1 byte)\ndrafts/b.md (1,234 bytes)\ndrafts/c.txt (0 bytes)';
    for (const path of [undefined, '', '.', './', '/', '**'])
      expect(await use('list_files', { path }, files)).toBe(all);
    const drafts = 'drafts/b.md (1,234 bytes)\ndrafts/c.txt (0 bytes)';
    for (const path of ['drafts/', 'drafts', './drafts'])
      expect(await use('list_files', { path }, files)).toBe(drafts);
    expect(await use('list_files', { path: '**/*.txt' }, files)).toBe('drafts/c.txt (0 bytes)');
  });

  it('says so when there is nothing, or nothing that matches', async () => {
    expect(await use('list_files', {}, await workspaceWith({}))).toBe(
      'There are no files that you may read.',
    );
    expect(await use('list_files', { path: 'b/' }, await workspaceWith({ 'a.md': '' }))).toMatch(
      /No file matches `b\/`/,
    );
    expect(await use('list_files', { path: '../x' }, await workspaceWith({}))).toMatch(/^path-refused: /);
  });

  it('says how many files did not fit', async () => {
    const names = Array.from({ length: 500 }, (_, number) => [`${'n'.repeat(200)}-${number}.md`, '']);
    const listed = await use('list_files', {}, await workspaceWith(Object.fromEntries(names)));
    expect(listed.length).toBeLessThan(61_000);
    const shown = listed.split('\n').length - 1;
    expect(listed).toMatch(new RegExp(`\\[${500 - shown} more files; narrow path to see them\\]$`));
  });
});

describe('read_file', () => {
  it('gives a file that fits as it is', async () => {
    const files = await workspaceWith({ 'a.md': 'one\r\ntwo\n', 'bom.md': '\uFEFFone', 'empty.md': '' });
    expect(await use('read_file', { path: 'a.md' }, files)).toBe('one\r\ntwo\n');
    expect(await use('read_file', { path: 'bom.md' }, files)).toBe('one');
    expect(await use('read_file', { path: 'empty.md' }, files)).toBe('[`empty.md` is empty]');
  });

  it('gives the lines that are asked for, and says how to go on', async () => {
    const lines = Array.from({ length: 950 }, (_, line) => `line ${line + 1}`).join('\n');
    const files = await workspaceWith({ 'a.md': lines });
    const first = await use('read_file', { path: 'a.md', limit: 200 }, files);
    expect(first).toMatch(/^line 1\n[\s\S]*\nline 200\n\[lines 1-200 of 950; go on with offset 201\]$/);
    const last = await use('read_file', { path: 'a.md', offset: 949 }, files);
    expect(last).toBe('line 949\nline 950\n[lines 949-950 of 950]');
    expect(await use('read_file', { path: 'a.md', offset: 951 }, files)).toMatch(
      /^bad-arguments: .*line 950/,
    );
  });

  it('never gives more than one answer holds, and loses nothing on the way through a file', async () => {
    const long = Array.from({ length: 20_000 }, (_, number) => `${number}🐂`).join('');
    const content = `${'short line\n'.repeat(9000)}${long}\nafter\n${'x'.repeat(70_000)}`;
    const files = await workspaceWith({ 'a.md': content });
    let input: { path: string; offset?: number; character?: number } | null = { path: 'a.md' };
    let whole = '';
    for (let pages = 0; input !== null && pages < 20; pages++) {
      const answer: string = await use('read_file', input, files);
      expect(answer.length).toBeLessThan(60_200);
      expect(answer.isWellFormed()).toBe(true);
      const note: string = /\[line[^\n]*\]$/.exec(answer)?.[0] ?? '';
      const [, offset, character] = /go on with offset (\d+)(?: and character (\d+))?/.exec(note) ?? [];
      const piece = answer.slice(0, answer.length - note.length);
      whole +=
        character === undefined && piece.endsWith('short line\n')
          ? piece
          : piece.replace(/\n$/, offset === undefined || character !== undefined ? '' : '\n');
      input =
        offset === undefined
          ? null
          : {
              path: 'a.md',
              offset: Number(offset),
              ...(character === undefined ? {} : { character: Number(character) }),
            };
    }
    expect(whole).toBe(content);
  });

  it('says where a line ends when asked for what is behind it', async () => {
    expect(
      await use('read_file', { path: 'a.md', character: 9 }, await workspaceWith({ 'a.md': 'short' })),
    ).toMatch(/^bad-arguments: character: .* character 5/);
  });

  it('names the files there are when one is missing', async () => {
    const names = Array.from({ length: 25 }, (_, number) => [`file-${number + 10}.md`, '']);
    const missing = await use(
      'read_file',
      { path: 'brief.md' },
      await workspaceWith(Object.fromEntries(names)),
    );
    expect(missing).toMatch(
      /^file-not-found: There is no file `brief.md`. There is: file-10.md, .*file-29.md and 5 more/,
    );
    expect(await use('read_file', { path: 'a.md' }, await workspaceWith({}))).toMatch(/There are no files/);
  });

  it('says of a file that is not text that it is none', async () => {
    const files = await workspaceWith({
      'a.png': Uint8Array.of(0x89, 0x50),
      'b.bin': Uint8Array.of(0x61, 0),
    });
    for (const path of ['a.png', 'b.bin'])
      expect(await use('read_file', { path }, files)).toMatch(/is not a text file/);
  });
});

describe('write_file', () => {
  it('writes a whole file, and says what it wrote', async () => {
    const files = await workspaceWith({ 'a.md': 'before' });
    expect(await use('write_file', { path: 'a.md', content: 'ä'.repeat(1000) }, files)).toBe(
      'Wrote `a.md` (2,000 bytes).',
    );
    expect(await textOf(files, 'a.md')).toBe('ä'.repeat(1000));
    expect(await use('write_file', { path: '/b.md', content: '' }, files)).toMatch(
      /^path-refused: .*`b\.md`/,
    );
  });
});

describe('edit_file', () => {
  const edit = async (before: string, input: Readonly<Record<string, unknown>>) => {
    const files = await workspaceWith({ 'a.md': before });
    const said = await use('edit_file', { path: 'a.md', ...input }, files);
    return { said, after: await textOf(files, 'a.md') };
  };

  it('replaces the one place where a text stands', async () => {
    expect(await edit('a $1 b (c)', { old_text: '$1 b (c)', new_text: "$& $' d" })).toEqual({
      said: 'Edited `a.md`: replaced 1 occurrence.',
      after: "a $& $' d",
    });
  });

  it('refuses a text that occurs more than once, saying how often and where', async () => {
    const { said, after } = await edit('x\ny x\nz\nx', { old_text: 'x', new_text: 'w' });
    expect(said).toMatch(/^edit-refused: old_text occurs 3 times in `a.md`: line 1, 2, 4\. .*replace_all/);
    expect(after).toBe('x\ny x\nz\nx');
  });

  it('replaces every place when asked to', async () => {
    expect(await edit('x\ny x', { old_text: 'x', new_text: '', replace_all: true })).toEqual({
      said: 'Edited `a.md`: replaced 2 occurrences.',
      after: '\ny ',
    });
  });

  it('refuses a text that does not occur, and an edit that changes nothing', async () => {
    expect((await edit('abc', { old_text: 'ABC', new_text: 'x' })).said).toMatch(
      /^edit-refused: old_text occurs 0 times/,
    );
    expect((await edit('abc', { old_text: 'b', new_text: 'b' })).said).toMatch(
      /^edit-refused: .*changes nothing/,
    );
  });

  it('finds a text whatever its line breaks are, and keeps those of the file', async () => {
    expect((await edit('a\r\nb\r\nc\r\n', { old_text: 'a\nb', new_text: 'x\ny\nz' })).after).toBe(
      'x\r\ny\r\nz\r\nc\r\n',
    );
    expect((await edit('a\nb\nc\n', { old_text: 'a\r\nb', new_text: 'x\r\ny' })).after).toBe('x\ny\nc\n');
    expect((await edit('a\r\nb', { old_text: 'b', new_text: 'x\ny' })).after).toBe('a\r\nx\r\ny');
  });

  it('keeps a byte order mark', async () => {
    expect((await edit('\uFEFFabc', { old_text: 'abc', new_text: 'x' })).after).toBe('\uFEFFx');
  });

  it('never overwrites what was written since it read the file', async () => {
    const files = await workspaceWith({ 'a.md': 'one two' });
    const edits = await Promise.all(
      ['one', 'two'].map((old_text) => use('edit_file', { path: 'a.md', old_text, new_text: 'x' }, files)),
    );
    expect(edits.toSorted()).toEqual([
      'Edited `a.md`: replaced 1 occurrence.',
      expect.stringMatching(/^version-conflict: /),
    ]);
  });
});

describe('search_files', () => {
  it('finds lines by a regular expression, in any case unless told otherwise', async () => {
    const files = await workspaceWith({
      'a.md': 'One\r\ntwo\r\nthree one\r\n',
      'b/c.md': 'ONE',
      'b/d.bin': Uint8Array.of(0xff),
    });
    expect(await use('search_files', { pattern: 'one$' }, files)).toBe(
      'a.md:1: One\na.md:3: three one\nb/c.md:1: ONE',
    );
    expect(await use('search_files', { pattern: 'one', case_sensitive: true }, files)).toBe(
      'a.md:3: three one',
    );
    expect(await use('search_files', { pattern: '^o', path: 'b' }, files)).toBe('b/c.md:1: ONE');
    expect(await use('search_files', { pattern: '^$' }, files)).toBe('No line matches `^$` in 3 files.');
  });

  it('counts what it leaves out', async () => {
    const found = await use(
      'search_files',
      { pattern: 'x' },
      await workspaceWith({ 'a.md': 'x\n'.repeat(130) }),
    );
    expect(found.split('\n')).toHaveLength(101);
    expect(found).toMatch(/\[30 more matching lines left out; narrow pattern or path\]$/);
  });

  it('shows of a long line what stands around the match', async () => {
    const line = `${'a'.repeat(5000)}needle${'b'.repeat(5000)}`;
    const found = await use('search_files', { pattern: 'needle' }, await workspaceWith({ 'a.md': line }));
    expect(found).toMatch(/^a\.md:1: …a+needleb+…$/);
    expect(found.length).toBeLessThan(320);
  });

  it('refuses what is no pattern for it, and says why', async () => {
    const files = await workspaceWith({ 'a.md': 'x' });
    for (const pattern of ['(', '(?=x)', '\\1', '(a{1000}){1000}', '*']) {
      expect(await use('search_files', { pattern }, files)).toMatch(/^bad-arguments: pattern: /);
    }
  });

  it('cannot be made to hang: a search too long is stopped, and says where', async () => {
    let seed = 7;
    const letters = Array.from({ length: 300_000 }, () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed > 1_073_741_824 ? 'a' : 'b';
    });
    const files = await workspaceWith({
      'a.md': letters.join('').replace(/.{1000}/g, '$&\n'),
      'b.md': 'a'.repeat(100_000),
    });
    const started = performance.now();
    expect(await use('search_files', { pattern: '(a+)+c' }, files)).toBe(
      'No line matches `(a+)+c` in 2 files.',
    );
    expect(await use('search_files', { pattern: '(a|b)*a(a|b){900}c' }, files)).toMatch(
      /\[stopped before a\.md:\d+: too much/,
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('ends when its run is cancelled', async () => {
    const workspace = await workspaceWith({ 'a.md': 'x' });
    const call = callIn(workspace, AbortSignal.abort());
    const result = await fileTools().at(-1)?.run({ pattern: 'x' }, call);
    expect(result).toMatchObject({ ok: false, failure: { code: 'cancelled' } });
  });
});
