import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './setup/run.ts';

const root = join(import.meta.dirname, '..');

/** Code that lint must refuse, and the rule that says why. */
const breaches = [
  { rule: 'no-floating-promises', code: 'async function go() {}\ngo();' },
  { rule: 'no-misused-promises', code: 'if ((async () => true)()) console.log(1);' },
  { rule: 'await-thenable', code: 'export const one = await 1;' },
  {
    rule: 'switch-exhaustiveness-check',
    code: "export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}",
  },
  { rule: 'max-params', code: 'export function f(a: 1, b: 2, c: 3, d: 4) { return [a, b, c, d]; }' },
  { rule: 'max-lines-per-function', code: `export function f() {\n${'  f();\n'.repeat(70)}}` },
  { rule: 'max-lines', code: `export const a = 1;\n${'\n'.repeat(400)}` },
  { rule: 'no-default-export', code: 'export default 1;' },
] as const;

describe('lint', () => {
  let planted = '';
  let said = '';

  beforeAll(async () => {
    planted = await mkdtemp(join(tmpdir(), 'inspan-lint-'));
    for (const name of ['.oxlintrc.json', 'tsconfig.json'])
      await copyFile(join(root, name), join(planted, name));
    await symlink(join(root, 'node_modules'), join(planted, 'node_modules'));
    for (const { rule, code } of breaches) await writeFile(join(planted, `${rule}.ts`), `${code}\n`);
    const program = join(root, 'node_modules/oxlint/bin/oxlint');
    const files = breaches.map(({ rule }) => `${rule}.ts`);
    const { stdout } = await run(process.execPath, [program, '--format=unix', ...files], { cwd: planted });
    said = stdout;
  });
  afterAll(() => rm(planted, { recursive: true, force: true }));

  // Rules that need types are silent when the type checker beside the linter does not start.
  it.each(breaches)('refuses what breaks $rule', ({ rule }) => {
    const lines = said.split('\n').filter((line) => line.includes(`${rule}.ts:`));
    expect(lines.join('\n'), said).toContain(`${rule})`);
  });
});
