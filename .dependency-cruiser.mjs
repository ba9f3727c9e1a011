import { readFileSync } from 'node:fs';
import { isFolder, isLeaf, readRoomTable } from './scripts/room-table.ts';

const rooms = readRoomTable(readFileSync(new URL('./ARCHITECTURE.md', import.meta.url), 'utf8'));
const leaves = rooms.filter(isLeaf).map(({ name }) => name);
const test = String.raw`\.test\.ts$`;

/** Two rules for each room of the table: one for what it ships, a wider one for its tests. */
const lawsOfRooms = rooms
  .filter((room) => isFolder(room) && room.mayImport !== null)
  .flatMap(({ name, mayImport }) => {
    const allowed = [name, 'core', ...(mayImport ?? [])];
    return [
      {
        name: `room-${name}`,
        comment: `${name} may import ${allowed.slice(1).join(', ')}: see the table in ARCHITECTURE.md.`,
        severity: 'error',
        from: { path: `^src/${name}/`, pathNot: test },
        to: { path: '^src/', pathNot: inRooms(allowed) },
      },
      {
        name: `room-${name}-tests`,
        comment: `Tests of ${name} may also use any leaf, so that they need no mocks.`,
        severity: 'error',
        from: { path: `^src/${name}/.*${test}` },
        to: { path: '^src/', pathNot: inRooms([...allowed, ...leaves]) },
      },
    ];
  });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...lawsOfRooms,
    {
      name: 'through-the-door',
      comment: 'Another room is entered through its index.ts only.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/(index|testing)[.]ts$'] },
    },
    {
      name: 'through-the-door-from-outside',
      comment: 'Whoever stands outside the rooms enters them through their index.ts only.',
      severity: 'error',
      from: { path: '^(src/[^/]+$|test/|bench/|scripts/|examples/)' },
      to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/(index|main|testing)[.]ts$' },
    },
    {
      name: 'cli-is-last',
      comment: 'The command line imports everything; nothing imports it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'A testing.ts, of a room or of all, holds what only tests and the users of Inspan import.',
      severity: 'error',
      from: { path: '^src/', pathNot: [test, '^src/testing[.]ts$'] },
      to: { path: ['^src/testing[.]ts$', '^src/[^/]+/testing[.]ts$'] },
    },
    {
      name: 'product-stands-alone',
      comment: 'What is shipped imports no test, bench, script or example.',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { path: ['^(test|bench|scripts|examples)/', test] },
    },
    {
      name: 'shipped-dependency',
      comment:
        'What is shipped imports only packages that are installed with it: see "dependencies" in package.json.',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'no-cycle',
      comment: 'Two modules that need each other, even only for a type, are one idea in two files.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: new URL('./tsconfig.json', import.meta.url).pathname },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};

function inRooms(names) {
  return `^src/(${names.join('|')})/`;
}
