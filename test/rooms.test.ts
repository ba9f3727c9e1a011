import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFolder, isLeaf, type Room, readRoomTable } from '../scripts/room-table.ts';
import { run } from './setup/run.ts';

const root = join(import.meta.dirname, '..');
const rooms = readRoomTable(await readFile(join(root, 'ARCHITECTURE.md'), 'utf8'));
const folders = rooms.filter(isFolder);

/** A module that breaks a rule, and the rules it is expected to break. */
interface Breach {
  readonly path: string;
  readonly imports: readonly string[];
  readonly rules: readonly string[];
}

const handmade: readonly Breach[] = [
  { path: 'src/models/deep.ts', imports: ['../core/json.ts'], rules: ['through-the-door'] },
  { path: 'src/inspan.ts', imports: ['./team/team.ts'], rules: ['through-the-door-from-outside'] },
  { path: 'test/deep.test.ts', imports: ['../src/team/team.ts'], rules: ['through-the-door-from-outside'] },
  { path: 'src/joins.ts', imports: ['./cli/index.ts'], rules: ['cli-is-last'] },
  { path: 'src/cli/fakes.ts', imports: ['../testing.ts'], rules: ['testing-is-for-tests'] },
  { path: 'src/cli/borrows.ts', imports: ['../../bench/import.ts'], rules: ['product-stands-alone'] },
  { path: 'src/cli/asserts.ts', imports: ['vitest'], rules: ['shipped-dependency'] },
  { path: 'src/team/hen.ts', imports: ['./egg.ts'], rules: ['no-cycle'] },
  { path: 'src/team/egg.ts', imports: ['./hen.ts'], rules: ['no-cycle'] },
];

const lawful: readonly Breach[] = [
  { path: 'src/testing.ts', imports: ['./inspan.ts', './models/index.ts'], rules: [] },
  { path: 'src/cli/index.ts', imports: ['../inspan.ts', '../team/index.ts', 'zod'], rules: [] },
  {
    path: 'src/context/own.ts',
    imports: ['../core/index.ts', '../skills/index.ts', './index.ts'],
    rules: [],
  },
  { path: 'src/context/own.test.ts', imports: ['../store/index.ts', './own.ts', 'vitest'], rules: [] },
  { path: 'test/whole.test.ts', imports: ['../src/testing.ts', '../src/team/index.ts', 'vitest'], rules: [] },
];

/** For each room: something shipped that imports a room it may not, and a test that does. */
const generated: readonly Breach[] = folders.flatMap((room) => {
  if (room.mayImport === null) return [];
  const shipped = forbiddenTo(room, []);
  const tested = forbiddenTo(room, rooms.filter(isLeaf));
  return [
    { path: `src/${room.name}/breach.ts`, imports: [`../${shipped}/index.ts`], rules: [`room-${room.name}`] },
    {
      path: `src/${room.name}/breach.test.ts`,
      imports: [`../${tested}/index.ts`],
      rules: [`room-${room.name}-tests`, ...(tested === 'cli' ? ['cli-is-last'] : [])],
    },
  ];
});

function forbiddenTo({ name, mayImport }: Room, alsoAllowed: readonly Room[]): string {
  const allowed = [name, 'core', ...(mayImport ?? []), ...alsoAllowed.map((room) => room.name)];
  const other = folders.find((room) => !allowed.includes(room.name));
  if (other === undefined) throw new Error(`No room is forbidden to ${name}`);
  return other.name;
}

describe('the law of imports', () => {
  const breaches = [...generated, ...handmade];
  let planted = '';
  let report: Report;

  beforeAll(async () => {
    planted = await plant([...breaches, ...lawful]);
    report = await cruise(planted, ['src', 'test']);
  });
  afterAll(() => rm(planted, { recursive: true, force: true }));

  it.each(breaches)('is broken by $path', ({ path, rules }) => {
    expect(rulesBrokenBy(report, path)).toEqual([...rules].sort());
  });

  it.each(lawful)('is kept by $path', ({ path }) => {
    expect(rulesBrokenBy(report, path)).toEqual([]);
  });

  it('has no rule that is not known to fail', () => {
    const names = report.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    expect(new Set(breaches.flatMap(({ rules }) => rules))).toEqual(new Set(names));
  });

  it('is kept by the project, and it was read', async () => {
    const { summary } = await cruise(root, ['src', 'test', 'bench', 'scripts', 'examples']);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    // A cruise that cannot read TypeScript sees no imports and finds nothing wrong.
    expect(summary.totalCruised).toBeGreaterThan(20);
    expect(summary.totalDependenciesCruised).toBeGreaterThan(40);
  });
});

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
  /** Of a cycle, everyone in it: it is reported once. */
  readonly cycle?: readonly { readonly name: string }[];
}

interface Report {
  readonly summary: {
    readonly violations: readonly Violation[];
    readonly totalCruised: number;
    readonly totalDependenciesCruised: number;
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

/** Writes a small project with one module for each breach and a door for each room. */
async function plant(modules: readonly Breach[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'inspan-rooms-'));
  const files = new Map<string, string>();
  for (const { name } of folders) files.set(`src/${name}/index.ts`, 'export const door = 1;\n');
  for (const path of ['src/core/json.ts', 'src/team/team.ts', 'bench/import.ts']) {
    files.set(path, 'export const thing = 1;\n');
  }
  for (const { path, imports } of modules) {
    // `import type` throughout: the law holds for types as well.
    const lines = imports.map((name, place) => `import type * as i${place} from '${name}';`);
    const uses = imports.map((_, place) => `typeof i${place}`);
    files.set(path, `${lines.join('\n')}\nexport type All = ${uses.join(' | ')};\n`);
  }
  files.set('package.json', await readFile(join(root, 'package.json'), 'utf8'));
  for (const [path, text] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

async function cruise(directory: string, paths: readonly string[]): Promise<Report> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const words = [
    program,
    '--config',
    join(root, '.dependency-cruiser.mjs'),
    '--output-type',
    'json',
    ...paths,
  ];
  const { stdout, stderr } = await run(process.execPath, words, { cwd: directory });
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser did not run: ${stdout}${stderr}`);
  return JSON.parse(stdout) as Report;
}

function rulesBrokenBy({ summary }: Report, path: string): readonly string[] {
  const broken = summary.violations.filter(
    ({ from, cycle = [] }) => from === path || cycle.some(({ name }) => name === path),
  );
  return [...new Set(broken.map(({ rule }) => rule.name))].sort();
}
