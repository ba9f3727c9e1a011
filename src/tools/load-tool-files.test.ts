import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../core/index.ts';
import type { LoadedTools } from './load-tool-files.ts';

const root = join(import.meta.dirname, '../..');
const made = (purpose: string, more = '') =>
  `import { z } from 'zod';\nimport { tool } from 'inspan';\nexport default tool({ purpose: '${purpose}', input: z.object({}), ${more}run: () => 'x' });\n`;

/** Team folders: good ones, and one for each way to be wrong. */
const teams: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  good: {
    'tools/check-facts.ts': made('Checks facts', "effect: 'read', "),
    'tools/count.mjs': `import { z } from 'zod';\nimport { tool } from 'inspan';\nimport { limit } from './lib/limit.ts';\nexport const count = tool({ purpose: \`To \${limit}\`, input: z.object({ text: z.string() }), run: async ({ text }) => text.length });\nexport default count;\nexport const more = 1;\n`,
    'tools/lib/limit.ts': 'export const limit: number = 7;\n',
    'tools/_shared.ts': 'throw new Error("never imported");\n',
    'tools/.hidden.ts': 'throw new Error("never imported");\n',
    'tools/check-facts.test.ts': 'throw new Error("never imported");\n',
    'tools/check-facts.d.ts': 'export {};\n',
    'tools/README.md': 'About',
  },
  otherLib: {},
  otherPlace: {},
  renamed: { 'tools/a.ts': made('A', "name: 'other', ") },
  absent: { 'AGENTS.md': '' },
  file: { tools: 'text' },
  wrong: {
    'tools/a-syntax.ts': 'const a: number = 1;\nconst b = = 2;\n',
    'tools/b-enum.ts': '// A\nexport enum Color { Red }\n',
    'tools/c-package.ts': "// C\nimport { z } from 'not-installed-here';\nexport default z;\n",
    'tools/d-module.ts': "import { x } from './lib/gone.ts';\nexport default x;\n",
    'tools/e-export.ts': "\n\nimport { Tool } from './lib/types.ts';\nexport const x: Tool = 1;\n",
    'tools/f-throws.ts':
      "const path = import.meta.filename;\nif (path) throw new Error('cannot open ' + path);\n",
    'tools/g-none.ts': 'export const purpose = 1;\n',
    'tools/h-two.ts': `${made('One')}export const two = tool({ purpose: 'Two', input: z.object({}), run: () => 'x' });\n`,
    'tools/i-purpose.ts': made(' '),
    'tools/j-input.ts': made('J').replace('z.object({})', 'z.object({ at: z.date() })'),
    'tools/k-deep.ts': "import './lib/broken.ts';\n",
    'tools/l-string.mjs': "throw 'a string';\n",
    'tools/mQuery.ts': made('M'),
    'tools/read_file.ts': made('R'),
    'tools/same-name.ts': made('S'),
    'tools/same_name.mjs': made('S'),
    'tools/lib/types.ts': 'export type Tool = number;\n',
    'tools/lib/broken.ts': '\nthrow new TypeError("deep trouble");\n',
  },
};

let directory = '';
let loaded: Readonly<Record<string, LoadedTools>> = {};

// In a process of its own: the test runner would compile the files, while Node only strips their types.
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'inspan-tools-'));
  const { good = {} } = teams;
  for (const [path, text] of Object.entries(good)) {
    await write(join('otherLib', path), path.endsWith('limit.ts') ? text.replace('7', '8') : text);
    await write(join('otherPlace', path), text);
  }
  for (const [team, files] of Object.entries(teams)) {
    for (const [path, text] of Object.entries(files)) await write(join(team, path), text);
  }
  await write(
    'node_modules/inspan/package.json',
    '{ "name": "inspan", "type": "module", "exports": "./index.js" }',
  );
  await write(
    'node_modules/inspan/index.js',
    `export { tool } from '${pathToFileURL(join(root, 'src/tools/tool.ts')).href}';`,
  );
  await symlink('nowhere.ts', join(directory, 'wrong/tools/n-link.ts'));
  await symlink(join(root, 'node_modules/zod'), join(directory, 'node_modules/zod'));
  const program = `
    import { join } from 'node:path';
    import { loadToolFiles } from '${pathToFileURL(join(root, 'src/tools/index.ts')).href}';
    const loaded = {};
    for (const team of ${JSON.stringify(Object.keys(teams))}) {
      loaded[team] = await loadToolFiles(join(${JSON.stringify(directory)}, team, 'tools'), { name: 'tools' });
    }
    console.log(JSON.stringify(loaded));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  loaded = JSON.parse(stdout) as typeof loaded;
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), text);
}

describe('a tools folder', () => {
  it('gives the tool of each file, named after it and sorted; nothing else is imported', () => {
    expect(loaded['good']).toMatchObject({
      tools: [
        { name: 'check_facts', purpose: 'Checks facts', effect: 'read', replay: 'safe' },
        { name: 'count', purpose: 'To 7', effect: 'outside', replay: 'never' },
      ],
      notices: [],
      failures: [],
    });
  });

  it('names a tool after its file, whatever its code says, with a notice', () => {
    expect(loaded['renamed']).toMatchObject({
      tools: [{ name: 'a' }],
      notices: [{ message: expect.stringContaining('"other"'), place: { file: 'tools/a.ts' } }],
    });
  });

  it('hashes the code of each tool with what it imports from its folder, and nothing else', () => {
    const hashes = (team: string) =>
      loaded[team]?.tools.map(({ codeHash }) => codeHash).filter((hash) => hash !== undefined);
    expect(hashes('good')).toHaveLength(2);
    const [before, after, elsewhere] = ['good', 'otherLib', 'otherPlace'].map(hashes);
    expect([after?.[0] === before?.[0], after?.[1] === before?.[1]]).toEqual([true, false]);
    expect(elsewhere).toEqual(before);
  });

  it('may be absent', () => {
    expect(loaded['absent']).toEqual({ tools: [], notices: [], failures: [] });
  });

  it('must be a folder', () => {
    expect(loaded['file']?.failures).toMatchObject([{ code: 'wrong-team', place: { file: 'tools' } }]);
  });
});

describe('a tool file that cannot be used', () => {
  const failureAt = (file: string): Failure | undefined =>
    loaded['wrong']?.failures.find(({ place }) => place?.file === file);

  it.each([
    ['for a syntax error', 'tools/a-syntax.ts', 2, /^Syntax error: /],
    ['for TypeScript that cannot be stripped', 'tools/b-enum.ts', 2, /enum.*types are only stripped/i],
    [
      'for a package that is not installed',
      'tools/c-package.ts',
      2,
      /run `npm install not-installed-here` in the team's folder/,
    ],
    ['for a module that is not there', 'tools/d-module.ts', 1, /Cannot find the module tools\/lib\/gone\.ts/],
    ['for a type imported as a value', 'tools/e-export.ts', 3, /`import type`/],
    ['for what it throws', 'tools/f-throws.ts', 2, /cannot open f-throws\.ts\.$/],
    ['for a missing tool', 'tools/g-none.ts', undefined, /No tool is exported/],
    ['for a second tool', 'tools/h-two.ts', undefined, /2 tools are exported \(default, two\)/],
    ['for a tool without purpose', 'tools/i-purpose.ts', 3, /needs a `purpose`/],
    ['for an input that no schema can tell', 'tools/j-input.ts', 3, /cannot be told to a model: Date/],
    ['for what a file below it throws', 'tools/lib/broken.ts', 2, /deep trouble/],
    ['for a string it throws', 'tools/l-string.mjs', undefined, /a string/],
    [
      'for a link that leads nowhere',
      'tools/n-link.ts',
      undefined,
      /Cannot find the module tools\/n-link\.ts/,
    ],
    ['for a name in capitals', 'tools/mQuery.ts', undefined, /such as m-query\.ts/],
    ['for the name of a built-in tool', 'tools/read_file.ts', undefined, /one of Inspan's own tools/],
    ['for the name of another file', 'tools/same_name.mjs', undefined, /both the tool same_name/],
  ])('%s is told with its place and how to mend it', (...[, file, line, message]) => {
    expect(failureAt(file)).toEqual({
      code: 'wrong-team',
      message: expect.stringMatching(message),
      place: line === undefined ? { file } : { file, line },
    });
  });

  it('hides no other: all problems are told at once, without a path of the machine', () => {
    expect(loaded['wrong']?.failures).toHaveLength(16);
    expect(JSON.stringify(loaded['wrong'])).not.toContain(directory);
  });
});
