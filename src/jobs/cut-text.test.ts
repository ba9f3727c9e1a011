import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

/** A token per four characters, as a stand-in for a real tokenizer. */
const countTokens = (text: string): number => Math.ceil(text.length / 4);

const paragraph = `${'Some words that make a line. '.repeat(8).trim()}\n\n`;

describe('a text that is too long', () => {
  it('is left alone while it fits', () => {
    expect(cutText('short', 100, countTokens)).toEqual({ text: 'short', cut: null });
    expect(cutText(paragraph.repeat(4), 4000, countTokens).cut).toBeNull();
  });

  it('is cut before a heading when one is near', () => {
    const text = `# One\n\n${paragraph.repeat(3)}## Two\n\n${paragraph.repeat(9)}`;
    const { text: kept } = cutText(text, 260, countTokens);
    expect(kept.split('\n\n[Cut here')[0]).toBe(`# One\n\n${paragraph.repeat(3)}`.trimEnd());
  });

  it('is cut at a paragraph when no heading is near', () => {
    const { text, cut } = cutText(paragraph.repeat(20), 300, countTokens);
    expect(text.startsWith(paragraph)).toBe(true);
    expect(text).toMatch(
      /line\.\n\n\[Cut here by Inspan: the first \d+ of \d+ characters are above, the rest is missing\.\]\n$/,
    );
    expect(cut?.characters).toBe(paragraph.length * 20);
  });

  it('is not cut inside a code fence where a paragraph before it will do', () => {
    const code = `\`\`\`sh\n${'run this\n\n'.repeat(200)}\`\`\`\n`;
    const { text } = cutText(`${paragraph.repeat(4)}${code}`, 320, countTokens);
    expect(text).not.toContain('```');
  });

  it('closes a fence that had to be cut', () => {
    const { text } = cutText(`\`\`\`sh\n${'run this\n'.repeat(900)}\`\`\`\n`, 300, countTokens);
    expect(text.match(/```/g)).toHaveLength(2);
  });

  it('is cut at a sentence or a word when it has no lines', () => {
    expect(cutText('A sentence here. '.repeat(500), 200, countTokens).text).toMatch(/here\.\n\n\[Cut/);
    expect(cutText('word '.repeat(2000), 200, countTokens).text).toMatch(/word\n\n\[Cut/);
  });

  it('never exceeds its room and never splits a character, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 400, maxLength: 4000 }),
        fc.integer({ min: 60, max: 900 }),
        (text, most) => {
          const fitted = cutText(text, most, countTokens);
          expect(fitted.text.isWellFormed()).toBe(text.isWellFormed());
          const keptTokens =
            fitted.cut === null ? countTokens(text) : countTokens(fitted.text.split('[Cut here')[0] ?? '');
          expect(keptTokens).toBeLessThanOrEqual(most + 4);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is measured in pieces, so that five megabytes in one line cost no more than what is kept', () => {
    let counted = 0;
    const counting = (text: string): number => {
      counted += text.length;
      return countTokens(text);
    };
    cutText('x'.repeat(5_000_000), 1000, counting);
    expect(counted).toBeLessThan(20_000);
  });
});
