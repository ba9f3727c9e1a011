import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fromJSONSchema } from 'zod';
import { parseProfile } from '../src/sim/index.ts';
import { type CodeBlock, printsAsPromised, readCodeBlocks } from './setup/code-blocks.ts';
import { readCommandLines, runnableLines } from './setup/command-lines.ts';
import { compiler, type Desk, openDesk } from './setup/desk.ts';
import type { Ended } from './setup/run.ts';
import { openTerminal, type Terminal } from './setup/terminal.ts';

const root = join(import.meta.dirname, '..');
const pages = globSync(['README.md', 'ARCHITECTURE.md', 'docs/**/*.md', 'examples/*/README.md'], {
  cwd: root,
}).sort();
const texts = pages.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const blocks = texts.flatMap(({ file, text }) => readCodeBlocks(file, text)).map(titled);
const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'shell', 'console']);
const typescript: ReadonlySet<string> = new Set(['ts', 'typescript']);

type Titled = CodeBlock & { readonly title: string };

function titled(block: CodeBlock): Titled {
  return { ...block, title: `${block.file}:${block.line}` };
}

const code = blocks.filter(({ language }) => typescript.has(language));
const shell = blocks.filter(({ language }) => shells.has(language));
const teams = blocks.filter(({ language, marks }) => language === 'yaml' && marks.includes('team'));
const profiles = blocks.filter(({ language, marks }) => language === 'yaml' && marks.includes('profile'));
const commandLines = [
  ...new Map(
    shell.flatMap((block) => readCommandLines(block.code)).map((line) => [line.text, line]),
  ).values(),
];

describe('what the pages show', () => {
  let opened: Desk | undefined;
  let complaints = '';
  let terminal: (Terminal & { readonly file: string }) | undefined;

  beforeAll(async () => {
    opened = await openDesk();
    complaints = await typeCheck(opened, code);
  }, 60_000);
  afterAll(async () => {
    await terminal?.close();
    await opened?.close();
  });

  function desk(): Desk {
    if (opened === undefined) throw new Error('The desk was never opened');
    return opened;
  }

  /** Every page is read at a terminal of its own. */
  async function terminalFor({ file }: CodeBlock): Promise<Terminal> {
    if (terminal?.file === file) return terminal;
    await terminal?.close();
    terminal = { file, ...(await openTerminal(desk(), file.replace(/\W+/g, '-'))) };
    return terminal;
  }

  it('is there to be shown', () => {
    expect(pages).toContain('README.md');
  });

  it('is marked in a way that is known', () => {
    const known = ['run', 'serve', 'team', 'profile'];
    const odd = blocks.filter(({ marks }) => marks.some((mark) => !known.includes(mark)));
    expect(odd.map(({ title, marks }) => `${title} ${marks.join(' ')}`)).toEqual([]);
  });

  // Every list below may be empty: not each page shows each kind.
  describe.runIf(code.length > 0)('in TypeScript', () => {
    it.each(code)('compiles at $title', (block) => {
      const lines = complaints.split('\n').filter((line) => line.startsWith(`${fileOf(block)}(`));
      expect(lines).toEqual([]);
    });

    it('compiles with nothing else to complain about', () => {
      const files = code.map(fileOf);
      const others = complaints.split('\n').filter((line) => line.includes('error TS'));
      expect(others.filter((line) => !files.some((file) => line.startsWith(`${file}(`)))).toEqual([]);
    });
  });

  const runnable = blocks.filter(({ marks }) => marks.includes('run') || marks.includes('serve'));
  describe.runIf(runnable.length > 0)('as something to run', () => {
    it.each(runnable)(
      'runs at $title',
      async (block) => {
        const { code: exit, stdout, stderr } = await runBlock(await terminalFor(block), block);
        expect(exit, `${stdout}${stderr}`).toBe(0);
        if (block.output === null) return;
        expect(
          printsAsPromised(stdout, block.output),
          `It printed:\n${stdout}\nPromised:\n${block.output}`,
        ).toBe(true);
      },
      120_000,
    );
  });

  describe.runIf(commandLines.length > 0)('as a command', () => {
    it.each(commandLines)('is understood: $text', async ({ command, flags }) => {
      const words = [...command.split(' ').filter((word) => word !== ''), '--help'];
      const help = await desk().run('inspan', words);
      expect(help.code, help.stderr).toBe(0);
      expect(flags.filter((flag) => !new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(help.stdout))).toEqual(
        [],
      );
    });
  });

  describe.runIf(teams.length > 0)('as a team', () => {
    const file = join(root, 'schema/team.schema.json');

    it.each(teams)('fits the schema at $title', (block) => {
      const schema = fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')));
      expect(schema.safeParse(parse(block.code)).error?.issues ?? []).toEqual([]);
    });
  });

  it.each(profiles)('is a profile that the simulator takes at $title', (block) => {
    expect(parseProfile(parse(block.code))).toMatchObject({ ok: true });
  });

  it('as JSON can be parsed', () => {
    const json = blocks.filter(({ language }) => language === 'json');
    for (const block of json) expect(() => JSON.parse(block.code), block.title).not.toThrow();
  });

  it('as a link leads somewhere', () => {
    expect(texts.flatMap(({ file, text }) => deadLinks(file, text))).toEqual([]);
  });
});

describe('the reading of pages', () => {
  const page = [
    '# Title {#top}',
    '',
    '```ts run',
    'say();',
    '```',
    '',
    'prints',
    '',
    '```output',
    'a … c',
    '```',
    '- item',
    '  ~~~sh',
    '  $ npx inspan run team \\',
    '    --file "a b.md" --param=x  # with --care',
    '  KEY=1 inspan check && inspan --help | cat',
    '  inspan jobs list --limit 3',
    '  npm ci',
    '  ~~~',
  ].join('\n');
  const [first, second] = readCodeBlocks('a.md', page);

  it('finds blocks, their marks, their lines and what they promise to print', () => {
    expect(first).toEqual({
      file: 'a.md',
      line: 4,
      language: 'ts',
      marks: ['run'],
      code: 'say();',
      output: 'a … c',
    });
    expect(second).toMatchObject({ line: 14, language: 'sh', marks: [], output: null });
    expect(() => readCodeBlocks('a.md', '```ts\nno end')).toThrow('a.md:1');
  });

  it('finds commands and their flags', () => {
    expect(readCommandLines(second?.code ?? '')).toMatchObject([
      { command: 'run', flags: ['--file', '--param'] },
      { command: 'check', flags: [] },
      { command: '', flags: ['--help'] },
      { command: 'jobs list', flags: ['--limit'] },
    ]);
    expect(runnableLines(second?.code ?? '')).not.toContain('npm ci');
  });

  it('takes promised output at its word', () => {
    expect(printsAsPromised('x\na b c\ny', 'a … c\ny')).toBe(true);
    expect(printsAsPromised('y\na b c', 'a … c\ny')).toBe(false);
    expect(printsAsPromised('a b', 'a … c')).toBe(false);
  });

  it('notices links that lead nowhere', () => {
    expect(deadLinks('README.md', '[a](package.json) [b](#title) [c](https://a.example)\n# Title')).toEqual(
      [],
    );
    expect(deadLinks('README.md', '[a](gone.md)')).toEqual(['README.md → gone.md']);
    expect(deadLinks('README.md', '[a](#gone)')).toEqual(['README.md → #gone']);
  });
});

async function runBlock(terminal: Terminal, block: CodeBlock): Promise<Ended> {
  if (block.marks.includes('serve')) return await terminal.serve(block.code);
  if (shells.has(block.language)) return await terminal.shell(block.code);
  return await terminal.module(join('blocks', fileOf(block)), block.code);
}

/** Compiles all blocks at once, each as a module of its own whose lines stand where they stand on the page. */
async function typeCheck(desk: Desk, all: readonly CodeBlock[]): Promise<string> {
  const directory = join(desk.directory, 'blocks');
  await mkdir(directory);
  for (const block of all) {
    await writeFile(join(directory, fileOf(block)), `${'\n'.repeat(block.line - 1)}${block.code}\n`);
  }
  const compilerOptions = { moduleDetection: 'force', noUnusedLocals: false, noUnusedParameters: false };
  const settings = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(settings));
  if (all.length === 0) return '';
  const { stdout } = await desk.run('bash', [
    '-c',
    'cd blocks && exec "$0" "$@"',
    process.execPath,
    compiler,
    '-p',
    '.',
    '--pretty',
    'false',
  ]);
  return stdout;
}

function fileOf({ file, line }: CodeBlock): string {
  return `${file.replace(/\W+/g, '-')}-${line}.ts`;
}

function deadLinks(file: string, text: string): readonly string[] {
  const prose = text.replace(/^( *)(`{3,}|~{3,})[\s\S]*?^ *\2`*$/gm, '').replace(/`[^`\n]*`/g, '');
  const anchors = [...text.matchAll(/^#+ +(.+)$/gm)].map(([, title = '']) => anchorOf(title));
  return [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(?:[a-z]+:)/i.test(target))
    .filter((target) => {
      if (target.startsWith('#')) return !anchors.includes(target.slice(1));
      return !existsSync(join(root, dirname(file), target.replace(/#.*$/, '')));
    })
    .map((target) => `${file} → ${target}`);
}

/** As code hosts make it: lower case, without punctuation, spaces as hyphens. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replace(/ /g, '-');
}
