import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capText } from './cap-text.ts';

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at + 1}`).join('\n');

describe('a capped text', () => {
  it('is untouched while it fits', () => {
    expect(capText('abc', { charactersMax: 3, wholeAt: null })).toEqual({ text: 'abc', cut: false });
    expect(capText('', { charactersMax: 0, wholeAt: null })).toEqual({ text: '', cut: false });
  });

  it('keeps whole lines of its head and its tail, and says what is missing and where all of it is', () => {
    const { text, cut } = capText(lines(1_000), { charactersMax: 300, wholeAt: 'tool-results/a.txt' });
    expect(cut).toBe(true);
    const [head = '', tail = ''] = text.split(/\n\[….*…\]\n/);
    expect(lines(1_000).startsWith(`${head}\n`)).toBe(true);
    expect(lines(1_000).endsWith(`\n${tail}`)).toBe(true);
    expect(head.length).toBeGreaterThan(tail.length);
    expect(text).toContain('All of it is in tool-results/a.txt.');
    const leftOut = Number(/… (\d+) of 8892 /.exec(text)?.[1]);
    expect(leftOut + head.length + tail.length).toBe(lines(1_000).length);
  });

  it('says what to do where the whole is nowhere', () => {
    expect(capText(lines(100), { charactersMax: 200, wholeAt: null }).text).toContain('Ask for less');
  });

  it('cuts within a line where no line ends are near', () => {
    const { text } = capText('x'.repeat(1_000), { charactersMax: 300, wholeAt: null });
    expect(text.length).toBeGreaterThan(280);
  });

  it('never exceeds its maximum and never splits a surrogate pair', () => {
    const piece = fc.oneof(
      fc.constantFrom('😀', '\n', 'ä', '\r\n', '👩‍👩‍👧'),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    const texts = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        texts,
        fc.integer({ min: 0, max: 400 }),
        fc.option(fc.string({ maxLength: 30 })),
        (text, charactersMax, wholeAt) => {
          const capped = capText(text, { charactersMax, wholeAt });
          expect(capped.text.length).toBeLessThanOrEqual(charactersMax);
          expect(capped.text.isWellFormed()).toBe(true);
          expect(capped.cut).toBe(text.length > charactersMax);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
