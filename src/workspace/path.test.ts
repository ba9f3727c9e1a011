import { posix, win32 } from 'node:path';
import { array, constantFrom, assert as holds, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPath } from './index.ts';

/** Strings made of what paths are attacked with, as well as any other strings. */
const anyPath = oneof(
  string({ unit: 'binary' }),
  array(
    constantFrom(
      '..',
      '.',
      '/',
      '\\',
      'a',
      'b.md',
      ' ',
      'C:',
      '\0',
      '~',
      '.inspan',
      'con',
      'e\u0301',
      '%2e',
      '\u202e',
      '//',
      '?',
    ),
    { maxLength: 8 },
  ).map((parts) => parts.join('')),
);

describe('an accepted path', () => {
  it('never leaves the folder it is joined to, on any platform', () => {
    holds(
      property(anyPath, (path) => {
        const checked = checkPath(path);
        if (!checked.ok) return;
        expect(posix.resolve('/base/job', checked.value)).toBe(`/base/job/${checked.value}`);
        expect(win32.resolve('C:\\root\\job', checked.value)).toBe(
          `C:\\root\\job\\${checked.value.replaceAll('/', '\\')}`,
        );
        expect(checked.value.toLowerCase().split('/')[0]).not.toBe('.inspan');
      }),
      { numRuns: 2000 },
    );
  });

  it('is its own spelling: checking it again changes nothing', () => {
    holds(
      property(anyPath, (path) => {
        const checked = checkPath(path);
        expect(checked).toMatchObject(
          checked.ok ? checkPath(checked.value) : { failure: { code: 'path-refused' } },
        );
      }),
    );
  });

  it('may have any name that people give to files', () => {
    for (const path of [
      'brief.md',
      'drafts/x.md',
      'a/b/c/d',
      '.env',
      '..a',
      'a..b',
      'notes (1).md',
      '[slug].tsx',
      'über uns.md',
      '資料/一.md',
      'a+b@c!,;=#%&$~.txt',
      'console.md',
      'com10',
      'a/.inspan/b',
      'inspan/a',
      '👩‍👩‍👧.md',
    ]) {
      expect(checkPath(path)).toEqual({ ok: true, value: path });
    }
  });

  it('is given in its one normal form', () => {
    expect(checkPath('cafe\u0301.md')).toEqual({ ok: true, value: 'caf\u00e9.md' });
  });

  it('may be as long as every file system takes, and no longer', () => {
    expect(checkPath('ä'.repeat(127))).toMatchObject({ ok: true });
    expect(checkPath('ä'.repeat(128))).toMatchObject({ ok: false });
    expect(checkPath(`${'abc/'.repeat(255)}abcd`)).toMatchObject({ ok: true });
    expect(checkPath(`${'abc/'.repeat(255)}abcde`)).toMatchObject({ ok: false });
  });
});

describe('a refused path', () => {
  const refusals: Readonly<Record<string, RegExp>> = {
    '': /empty/,
    '/brief.md': /: `brief\.md`\.$/,
    'C:\\job\\brief.md': /: `job\/brief\.md`\.$/,
    'drafts\\x.md': /: `drafts\/x\.md`\.$/,
    './brief.md': /leave out the segment `\.`/,
    'a/../b.md': /leave out the segment `\.\.`/,
    'drafts/': /none at the end/,
    'a//b.md': /one `\/`/,
    'a\0.md': /cannot be seen/,
    'a\u007f.md': /\\u007f/,
    'a\n.md': /\\u000a/,
    'a\u202egpj.exe': /cannot be seen/,
    'a\ud800': /cannot be seen/,
    'a ': /ends in a space or a dot/,
    'a./b.md': /ends in a space or a dot/,
    CON: /device/,
    'a/nul.md': /device/,
    'Com1 .tar.gz': /device/,
    'lpt².md': /device/,
    'ab:c.md': /`:` cannot/,
    'what?.md': /`\?` cannot/,
    '.inspan': /records/,
    '.INSPAN/files.jsonl': /records/,
    'INSPAN~1/files.jsonl': /records/,
    '.ins\u200cpan/files.jsonl': /records/,
  };
  for (const [path, says] of Object.entries(refusals)) {
    it(`is told what to write instead: ${JSON.stringify(path)}`, () => {
      const checked = checkPath(path);
      const message: unknown = expect.stringMatching(says);
      expect(checked).toMatchObject({ ok: false, failure: { code: 'path-refused', message } });
    });
  }
});
