import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isFolder, readRoomTable } from '../scripts/room-table.ts';
import { findAmbient } from './tidy/ambient.ts';
import { findUndocumented, findWildExports } from './tidy/exports.ts';
import { bindSources, isShipped, type NamedText, readTexts, type Source } from './tidy/source.ts';
import { findModuleState } from './tidy/state.ts';
import { bannedWords, findBanned, findLong, findMisnamed, findSwitchedOff, linesMax } from './tidy/words.ts';

const root = join(import.meta.dirname, '..');
const texts = readTexts(root);
const codes = texts.filter(({ path }) => /^(src|test|bench|scripts)\/.*\.ts$/.test(path));
const sources = bindSources(codes);

/** A rule, what it applies to, code that must break it and code that must not. */
interface Rule {
  readonly promise: string;
  readonly applies: (path: string) => boolean;
  readonly find: (source: Source) => readonly string[];
  readonly broken: readonly string[];
  readonly kept: readonly string[];
}

const rules: readonly Rule[] = [
  {
    promise: 'takes clock, randomness, environment, network and console as arguments',
    applies: isShipped,
    find: findAmbient,
    broken: [
      'export const at = Date.now();',
      'const at = new Date();',
      'const { now } = { now: Date.now };',
      'const id = globalThis.Math.random();',
      'const { env } = process;',
      'const key = process.env.KEY;',
      "import { env } from 'node:process';",
      "import { setTimeout as sleep } from 'node:timers/promises';",
      "import { randomUUID } from 'node:crypto';",
      'function say() { console.log(1); }',
      "await fetch('x');",
      'const options = { fetch };',
      'const call = (given?: typeof fetch) => given ?? fetch;',
      'setTimeout(() => {}, 1);',
      'const signal = AbortSignal.timeout(5);',
    ],
    kept: [
      'const at = new Date(5).toISOString();',
      'const at = clock.now();',
      'function get(fetch: (url: string) => void) { fetch("x"); }',
      'const { fetch } = options; fetch("x");',
      'interface Options { readonly fetch?: typeof fetch; process: number }',
      'const call = (options: { fetch: number }) => options.fetch;',
      '// Date.now() is not allowed, console.log neither',
      'const text = "process.env";',
      "import { createHash } from 'node:crypto';",
    ],
  },
  {
    promise: 'documents every exported name, beginning with a short sentence',
    applies: isShipped,
    find: findUndocumented,
    broken: [
      'export function bare() {}',
      '// not a docstring\nexport const bare = 1;',
      'export interface Bare {}',
      'export type Bare = 1;',
      'function bare() {}\nexport { bare };',
      '/** */\nexport const empty = 1;',
      `/** ${'word '.repeat(16)}. Short. */\nexport const long = 1;`,
    ],
    kept: [
      '/** Says what it is for. */\nexport const good = 1;',
      `/** Says what it is for. ${'And more words of it '.repeat(9)}. */\nexport function good() {}`,
      '/** One. */\nexport function over(a: 1): 1;\nexport function over(a: 2): 2;\nexport function over(a: any) { return a; }',
      'function hidden() {}',
      "export { other } from './other.ts';",
      '/** One. */\nconst late = 1;\nexport { late };',
    ],
  },
  {
    promise: 'keeps no state in a module',
    applies: isShipped,
    find: findModuleState,
    broken: [
      'let count = 0;',
      'export let count = 0;',
      'var count = 0;',
      'const seen = new Map<string, number>();',
      'const seen: Set<string> = new Set();',
      'const seen = new WeakMap();',
      'const list: string[] = [];',
      "const list = ['a'];",
      'const cache = {};',
      'const cache = {} as Record<string, string>;',
      'const store = new AsyncLocalStorage();',
    ],
    kept: [
      "const list = ['a'] as const;",
      "const list: readonly string[] = ['a'];",
      "const list = Object.freeze(['a']);",
      "const known: ReadonlySet<string> = new Set(['a']);",
      'const none: Readonly<Record<string, string>> = {};',
      'const table = { a: 1 };',
      'function make() { let count = 0; const seen = new Map(); return () => seen.set(count++, 1); }',
    ],
  },
  {
    promise: 'exports by name, and imports nothing for its side effects',
    applies: (path) => path.startsWith('src/'),
    find: findWildExports,
    broken: [
      'export default 1;',
      'export default function main() {}',
      'const a = 1; export { a as default };',
      "export * from './a.ts';",
      "export * as a from './a.ts';",
      "import './a.ts';",
    ],
    kept: ["export { a } from './a.ts';", "import { a } from './a.ts';", "import type { A } from './a.ts';"],
  },
  {
    promise: 'switches no test off',
    applies: (path) => path.endsWith('.test.ts'),
    find: findSwitchedOff,
    broken: [
      "it.only('a', () => {});",
      "describe.skip('a', () => {});",
      "test.todo('a');",
      "it.only.each([1])('a');",
    ],
    kept: ["it('a', () => {});", 'options.only;', 'const { skip } = list;', "it.each([1])('a');"],
  },
];

describe.each(rules)('the code $promise', ({ applies, find, broken, kept }) => {
  it.each(broken)('which this breaks: %s', (text) => {
    expect(findIn(find, text)).not.toEqual([]);
  });

  it.each(kept)('which this does not break: %s', (text) => {
    expect(findIn(find, text)).toEqual([]);
  });

  it('everywhere', () => {
    const chosen = sources.filter(({ path }) => applies(path));
    expect(chosen.length).toBeGreaterThan(5);
    expect(chosen.flatMap(find)).toEqual([]);
  });
});

describe.each(bannedWords)('the project $promise', (banned) => {
  it('and would notice', () => {
    for (const text of banned.planted)
      expect(findBanned(banned, { path: 'a.md', text }), text).toHaveLength(1);
    for (const text of banned.innocent) expect(findBanned(banned, { path: 'a.md', text }), text).toEqual([]);
  });

  it('everywhere', () => {
    expect(texts.map(({ path }) => path)).toContain('ARCHITECTURE.md');
    expect(texts.flatMap((each) => findBanned(banned, each))).toEqual([]);
  });
});

describe('a file of code', () => {
  it('is one idea long', () => {
    expect(findLong({ path: 'a.ts', text: 'x\n'.repeat(linesMax + 1) })).toHaveLength(1);
    expect(findLong({ path: 'a.ts', text: 'x\n'.repeat(linesMax) })).toEqual([]);
    expect(codes.flatMap(findLong)).toEqual([]);
  });

  it('is named after what is in it', () => {
    const misnamed = ['src/a/utils.ts', 'src/common/a.ts', 'src/a/myFile.ts', 'src/a/types.ts'];
    expect(misnamed.flatMap((path) => findMisnamed({ path, text: '' }))).toHaveLength(misnamed.length);
    expect(findMisnamed({ path: 'src/a/call-tool.test.ts', text: '' })).toEqual([]);
    expect(codes.flatMap(findMisnamed)).toEqual([]);
  });
});

describe('the room table of ARCHITECTURE.md', () => {
  const rooms = readRoomTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );

  it('names every room that is there, and none that is not', () => {
    const named = rooms.filter(isFolder).map(({ name }) => name);
    expect(folders.map(({ name }) => name).sort()).toEqual(named.sort());
  });

  it('names only files that are there', () => {
    const files = rooms.filter((room) => !isFolder(room)).map(({ name }) => name);
    expect(files.filter((name) => !existsSync(join(root, 'src', name)))).toEqual([]);
  });

  it('lets rooms import only rooms it knows', () => {
    const names = rooms.map(({ name }) => name);
    const asked = rooms.flatMap(({ mayImport }) => mayImport ?? []);
    expect(asked.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('is about rooms with a door', () => {
    const rooms = texts.map(({ path }) => path).filter((path) => /^src\/[^/]+\/index\.ts$/.test(path));
    const shut = folders.filter(({ name }) => name !== 'cli' && !rooms.includes(`src/${name}/index.ts`));
    expect(shut.map(({ name }) => name)).toEqual([]);
  });

  it.each(['no table', '| room | for | imports |\n|---|---|---|\n| `a` | b | whatever |'])(
    'is never misread: %s',
    (text) => {
      expect(() => readRoomTable(text)).toThrow('ARCHITECTURE.md');
    },
  );
});

function findIn(find: Rule['find'], text: string): readonly string[] {
  const planted: NamedText = { path: 'src/models/planted.ts', text };
  return bindSources([planted]).flatMap(find);
}
