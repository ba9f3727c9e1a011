import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSkills } from './load-skills.ts';
import { skill } from './skill.ts';

let team = '';
beforeEach(async () => {
  team = await mkdtemp(join(tmpdir(), 'inspan-skills-'));
});
afterEach(() => rm(team, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(team, path)), { recursive: true });
    await writeFile(join(team, path), content);
  }
}

const load = () => loadSkills(join(team, 'skills'), { name: 'skills' });
const markdown = (name: string, more = '') =>
  `---\nname: ${name}\ndescription: Extracts insights.\n${more}---\n\nDo it.\n`;

describe('a skills folder', () => {
  it('gives skills sorted by name, with body, place and further files', async () => {
    await write({
      'skills/tone/SKILL.md': markdown('tone'),
      'skills/extract/SKILL.md': markdown('extract', 'license: MIT\n'),
      'skills/extract/references/z.md': 'Z',
      'skills/extract/references/a.md': 'A\r\n',
      'skills/extract/Scale.md': 'S',
      'skills/README.md': 'About these skills',
    });
    const { skills, skipped, notices, failures } = await load();
    expect(skills.map(({ name }) => name)).toEqual(['extract', 'tone']);
    expect(skills[0]).toEqual({
      name: 'extract',
      description: 'Extracts insights.',
      body: 'Do it.',
      files: [
        { path: 'Scale.md', text: 'S' },
        { path: 'references/a.md', text: 'A\n' },
        { path: 'references/z.md', text: 'Z' },
      ],
      source: { file: 'skills/extract/SKILL.md', line: 7 },
    });
    expect([skipped, notices, failures]).toEqual([[], [], []]);
  });

  it('gives the same skill as TypeScript does', async () => {
    await write({ 'skills/tone/SKILL.md': markdown('tone'), 'skills/tone/x.md': 'X\r\nY' });
    const written = skill({
      name: 'tone',
      description: ' Extracts insights. ',
      body: '\n\nDo it.\n\n',
      files: { 'x.md': 'X\r\nY' },
    });
    const { source: _a, ...read } = (await load()).skills[0] ?? written;
    const { source: _b, ...typed } = written;
    expect(read).toEqual(typed);
    expect((await load()).skills).toHaveLength(1);
  });

  it('may be absent', async () => {
    expect(await load()).toEqual({ skills: [], skipped: [], notices: [], failures: [] });
  });

  it('must be a folder', async () => {
    await write({ skills: 'text' });
    expect((await load()).failures).toMatchObject([{ code: 'wrong-team', place: { file: 'skills' } }]);
  });
});

describe('a skill that cannot be used', () => {
  it.each([
    [
      'has no description',
      { 'skills/a/SKILL.md': '---\nname: a\n---\nBody' },
      /description/,
      'skills/a/SKILL.md',
    ],
    [
      'has an empty description',
      { 'skills/a/SKILL.md': '---\nname: a\ndescription: " "\n---\nBody' },
      /description/,
      'skills/a/SKILL.md',
    ],
    ['has no frontmatter', { 'skills/a/SKILL.md': 'Body' }, /description/, 'skills/a/SKILL.md'],
    [
      'has broken YAML',
      { 'skills/a/SKILL.md': '---\ndescription: "x\n---\nBody' },
      /not valid YAML/,
      'skills/a/SKILL.md',
    ],
    ['has no SKILL.md', { 'skills/a/notes.md': 'x' }, /no SKILL\.md/, 'skills/a'],
    [
      'is too large',
      { 'skills/a/SKILL.md': `${markdown('a')}${'x'.repeat(300_000)}` },
      /bytes/,
      'skills/a/SKILL.md',
    ],
  ])(
    'because it %s is skipped with its reason, and the others are read',
    async (...[, files, reason, file]) => {
      await write({ ...files, 'skills/b/SKILL.md': markdown('b') });
      const { skills, skipped, notices, failures } = await load();
      expect(skills.map(({ name }) => name)).toEqual(['b']);
      expect(skipped).toMatchObject([{ name: 'a', reason: expect.stringMatching(reason), place: { file } }]);
      expect(notices.map(({ place }) => place.file)).toEqual([file]);
      expect(failures).toEqual([]);
    },
  );
});

describe('a skill that strays from the format is read, with a notice', () => {
  it.each([
    ['another name than its folder', markdown('other'), /folder's name, "my-skill"/, 2],
    ['no name', '---\ndescription: d\n---\nBody', /`name` is missing/, undefined],
    [
      'a long description',
      `---\nname: my-skill\ndescription: ${'d'.repeat(1025)}\n---\nBody`,
      /1025 characters/,
      3,
    ],
    ['an unknown field', markdown('my-skill', 'desciption: x\n'), /`desciption` is not a field/, 4],
    ['tools of a wrong form', markdown('my-skill', 'allowed-tools: { Read: true }\n'), /allowed-tools/, 4],
    ['too many lines', `${markdown('my-skill')}${'\nline'.repeat(501)}`, /503 lines/, 6],
    ['too much text', `${markdown('my-skill')}${'word '.repeat(4_100)}`, /tokens/, 6],
    ['no text', '---\nname: my-skill\ndescription: d\n---\n', /no text/, 5],
    ['a placeholder', `${markdown('my-skill')}Run \${CLAUDE_SKILL_DIR}/x.sh`, /CLAUDE_SKILL_DIR/, 6],
  ])('where it has %s', async (...[, text, message, line]) => {
    await write({ 'skills/my-skill/SKILL.md': text });
    const { skills, notices } = await load();
    expect(skills.map(({ name }) => name)).toEqual(['my-skill']);
    expect(notices).toEqual([
      {
        message: expect.stringMatching(message),
        place: { file: 'skills/my-skill/SKILL.md', ...(line === undefined ? {} : { line }) },
      },
    ]);
  });

  it('where its folder is not lowercase', async () => {
    await write({ 'skills/My_Skill/SKILL.md': markdown('My_Skill') });
    const { skills, notices } = await load();
    expect(skills.map(({ name }) => name)).toEqual(['My_Skill']);
    expect(notices).toMatchObject([{ message: expect.stringContaining('rename the folder') }]);
  });

  it.each(['Read Grep Bash(git:*)', 'Read, Grep', '[Read, Grep]', '\n  - Read\n  - Grep'])(
    'but not for allowed-tools: %s',
    async (list) => {
      await write({ 'skills/a/SKILL.md': markdown('a', `allowed-tools: ${list}\n`) });
      expect(await load()).toMatchObject({ skills: [{ name: 'a' }], notices: [] });
    },
  );

  it('but not for fields of Claude Code, and `when_to_use` joins the description', async () => {
    await write({
      'skills/a/SKILL.md': markdown(
        'a',
        'when_to_use: On long texts.\nmodel: sonnet\ncontext: fork\nuser-invocable: false\n',
      ),
    });
    expect(await load()).toMatchObject({
      skills: [{ description: 'Extracts insights. On long texts.' }],
      notices: [],
    });
  });
});

describe("a skill's further files", () => {
  it('leave out dotfiles and what tools make, without a word', async () => {
    await write({
      'skills/a/SKILL.md': markdown('a'),
      'skills/a/.DS_Store': 'x',
      'skills/a/.git/config': 'x',
      'skills/a/node_modules/x/index.js': 'x',
    });
    expect(await load()).toMatchObject({ skills: [{ files: [] }], notices: [] });
  });

  it.each([
    ['bytes that are no text', 'logo.png', new Uint8Array([0x89, 0x50, 0xff]), /not UTF-8/],
    ['a NUL', 'blob.bin', 'a\0b', /not UTF-8/],
    ['too many bytes', 'big.txt', 'x'.repeat(256 * 1024 + 1), /at most 262144/],
  ])('leave out a file with %s, with a notice', async (...[, path, content, message]) => {
    await write({
      'skills/a/SKILL.md': markdown('a'),
      'skills/a/ok.md': 'ok',
      [`skills/a/${path}`]: content,
    });
    const { skills, notices } = await load();
    expect(skills[0]?.files).toEqual([{ path: 'ok.md', text: 'ok' }]);
    expect(notices).toEqual([
      { message: expect.stringMatching(message), place: { file: `skills/a/${path}` } },
    ]);
  });

  it('go three levels deep and no deeper', async () => {
    await write({
      'skills/a/SKILL.md': markdown('a'),
      'skills/a/b/c/yes.md': '',
      'skills/a/b/c/d/no.md': '',
    });
    const { skills, notices } = await load();
    expect(skills[0]?.files.map(({ path }) => path)).toEqual(['b/c/yes.md']);
    expect(notices).toMatchObject([{ place: { file: 'skills/a/b/c/d' } }]);
  });

  it('are at most 200', async () => {
    const files = Array.from({ length: 201 }, (_, at) => [
      `skills/a/f${String(at).padStart(3, '0')}.md`,
      'x',
    ]);
    await write({ 'skills/a/SKILL.md': markdown('a'), ...Object.fromEntries(files) });
    const { skills, notices } = await load();
    expect(skills[0]?.files).toHaveLength(200);
    expect(notices).toMatchObject([{ message: expect.stringContaining('201 files') }]);
  });
});

describe('a link', () => {
  it('never leads out of the skills folder', async () => {
    await write({
      'secret.txt': 'secret',
      'elsewhere/SKILL.md': markdown('b'),
      'skills/a/SKILL.md': markdown('a'),
    });
    await mkdir(join(team, 'skills/c'));
    await symlink(join(team, 'secret.txt'), join(team, 'skills/a/notes.md'));
    await symlink('../elsewhere', join(team, 'skills/b'));
    await symlink('../../elsewhere/SKILL.md', join(team, 'skills/c/SKILL.md'));
    const { skills, skipped, notices } = await load();
    expect(skills).toMatchObject([{ name: 'a', files: [] }]);
    expect(skipped.map(({ name }) => name)).toEqual(['b', 'c']);
    expect(notices.map(({ place }) => place.file)).toEqual([
      'skills/a/notes.md',
      'skills/b',
      'skills/c/SKILL.md',
    ]);
    expect(JSON.stringify([skills, skipped, notices])).not.toContain(team);
  });

  it('within the skills folder is followed', async () => {
    await write({
      'skills/a/SKILL.md': markdown('a'),
      'skills/a/tone.md': 'T',
      'skills/b/SKILL.md': markdown('b'),
    });
    await symlink('../a/tone.md', join(team, 'skills/b/tone.md'));
    expect((await load()).skills[1]?.files).toEqual([{ path: 'tone.md', text: 'T' }]);
  });

  it('in a circle ends', async () => {
    await write({ 'skills/a/SKILL.md': markdown('a') });
    await symlink('.', join(team, 'skills/a/again'));
    const { skills, notices } = await load();
    expect(skills[0]?.files.every(({ path }) => path.split('/').length <= 3)).toBe(true);
    expect(notices.length).toBeGreaterThan(0);
  });
});
