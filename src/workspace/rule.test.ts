import { array, asyncProperty, constantFrom, assert as holds, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRule, createMemoryWorkspace, ruleMatches } from './index.ts';

const rule = constantFrom(
  'a.md',
  'a/',
  'a/*',
  'a/**',
  '**',
  '*',
  '*.md',
  'a/b/',
  '{a,b}/**/*.md',
  '../a',
  '[',
  'a/?.md',
  '**/b.md',
  '',
);
const rules = record({ reads: array(rule, { maxLength: 3 }), writes: array(rule, { maxLength: 3 }) });
const paths = ['a.md', 'b.md', 'a/a.md', 'a/b.md', 'a/b/c.md', 'a/b/d/e.txt', 'b/a.md'];

describe('a scope rule', () => {
  it.each([
    ['brief.md', 'brief.md', true],
    ['brief.md', 'drafts/brief.md', false],
    ['drafts', 'drafts/x.md', false],
    ['drafts/', 'drafts/deep/x.md', true],
    ['drafts/', 'drafts', false],
    ['drafts/', 'drafts-2/x.md', false],
    ['drafts/*.md', 'drafts/x.md', true],
    ['drafts/*.md', 'drafts/.x.md', true],
    ['drafts/*.md', 'drafts/deep/x.md', false],
    ['drafts/**', 'drafts/deep/x.md', true],
    ['drafts/**', 'drafts', false],
    ['drafts/*/', 'drafts/deep/er/x.md', true],
    ['drafts/*/', 'drafts/x.md', false],
    ['**', 'a/b/c', true],
    ['*', 'a/b', false],
    ['**/*.md', 'x.md', true],
    ['a/**/b.md', 'a/b.md', true],
    ['?.md', 'ab.md', false],
    ['{x,y}.md', 'y.md', true],
    ['[ab].md', 'a.md', true],
    ['[!ab].md', 'a.md', false],
    ['[!ab].md', 'c.md', true],
    ['a[!b]c', 'a/c', false],
    ['[slug].md', '[slug].md', true],
    ['notes (1)/*.md', 'notes (1)/a.md', true],
    ['notes (1)/*.md', 'notes 1/a.md', false],
    ['!a*', 'b', false],
    ['+(a)*', 'aaa', false],
    ['cafe\u0301/', 'caf\u00e9/x.md', true],
    ['Drafts/', 'drafts/x.md', false],
  ])('%s for %s: %s', (each, path, isMeant) => {
    expect(checkRule(each)).toMatchObject({ ok: true });
    expect(ruleMatches(each, path)).toBe(isMeant);
  });

  it.each([
    '',
    '/',
    '/a',
    '../a',
    'a/../*',
    './*',
    'a\\*',
    'a//*',
    '**.md',
    '[z-a]',
    '[a',
    '{a,b',
    '{a}',
    '{a,{b,c}}',
    '{1..9}',
    '.inspan/*',
    'a:*',
    'a|*',
    'a\0*',
  ])('that cannot be meant is refused, and means nothing: %j', (each) => {
    expect(checkRule(each)).toMatchObject({ ok: false, failure: { code: 'path-refused' } });
    for (const path of [...paths, each, 'a', '1']) expect(ruleMatches(each, path)).toBe(false);
  });

  it('can never take long: rules with many stars are refused, and the others are quick', () => {
    for (const each of ['*a*a*a*a*', '**/**/**/a', '{*a,*b,*c,*d,*e}'])
      expect(checkRule(each)).toMatchObject({ ok: false });
    const started = performance.now();
    expect(ruleMatches('*a*a*a*b', 'a'.repeat(255))).toBe(false);
    expect(ruleMatches('**/a/**/*b*b', 'a/'.repeat(511).concat('c'))).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('checked again is the same', () => {
    for (const each of ['a.md', 'a/', 'a/**', '[!a]*'])
      expect(checkRule(each)).toEqual({ ok: true, value: each });
  });
});

describe('scopes', () => {
  it('nested in scopes never allow more than the outer ones, nor more than their own', async () => {
    await holds(
      asyncProperty(rules, rules, constantFrom(...paths), async (outer, inner, path) => {
        const files = createMemoryWorkspace();
        for (const each of paths) await files.write(each, each, null);
        const [wide, own] = [files.scope(outer), files.scope(inner)];
        const both = wide.scope(inner);
        const mayRead = (await wide.read(path)).ok && (await own.read(path)).ok;
        const mayWrite = (await wide.write(path, 'x', null)).ok && (await own.write(path, 'x', null)).ok;
        for (const view of [wide.stage().scope(inner), both.stage(), both]) {
          expect((await view.read(path)).ok).toBe(mayRead);
          expect((await view.write(path, 'x', null)).ok).toBe(mayWrite);
          expect((await view.remove(path)).ok).toBe(mayWrite);
        }
        const [listed, allowed] = [await both.list(), await wide.list()];
        expect(allowed).toEqual(expect.arrayContaining([...listed]));
      }),
    );
  });

  it('read whatever they may write', async () => {
    await holds(
      asyncProperty(rule, constantFrom(...paths), async (each, path) => {
        const scoped = createMemoryWorkspace().scope({ reads: [], writes: [each] });
        const written = await scoped.write(path, 'x', null);
        expect((await scoped.read(path)).ok).toBe(written.ok);
      }),
    );
  });
});
