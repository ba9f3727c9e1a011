import { beforeAll, describe, expect, it } from 'vitest';
import type { CountTokens } from '../core/index.ts';
import { createTokenCounter } from './token-counter.ts';
import { requestTokens } from './wire/request-tokens.ts';

let count: CountTokens;
beforeAll(async () => {
  count = await createTokenCounter();
});

/** The same characters every time (xorshift). */
function random(length: number, character: (number: number) => string): string {
  let state = 1;
  return Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return character(state >>> 1);
  }).join('');
}

const sentence =
  'The quick brown fox, aged 42, jumps over the lazy dog; then it rests.\n    indented: value\n\n';

describe('the token counter', () => {
  it('counts what o200k_base counts', () => {
    expect([count(''), count('hello world'), count('a b c'), count('你好，世界')]).toEqual([0, 2, 3, 3]);
  });

  it('counts a long text as if it had not been cut into pieces', async () => {
    const { countTokens } = await import('gpt-tokenizer');
    for (const text of [
      sentence.repeat(300),
      JSON.stringify({ list: Array(500).fill({ id: 7, name: 'Ada Lovelace' }) }, null, 2),
    ]) {
      expect(Math.abs(count(text) / countTokens(text) - 1)).toBeLessThan(0.002);
    }
  });

  it('takes special tokens for the plain text they are', () => {
    expect(count('<|endoftext|>')).toBeGreaterThan(3);
    expect(count('a <|im_start|>system')).toBeGreaterThan(4);
  });

  it('does not stumble over halves of characters', () => {
    expect(count('\ud83d')).toBeGreaterThan(0);
    expect(count('👩‍👩‍👧'.repeat(2_000))).toBeGreaterThan(2_000);
  });

  it.each<[string, string]>([
    ['prose', sentence.repeat(56_000)],
    ['one letter', 'a'.repeat(5_000_000)],
    ['blanks', ' '.repeat(5_000_000)],
    [
      'base64 on one line',
      random(5_000_000, (number) =>
        'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charAt(number % 64),
      ),
    ],
    ['Chinese', random(5_000_000, (number) => String.fromCharCode(0x4e00 + (number % 20_000)))],
  ])('counts 5 MB of %s in less than two seconds', (_, text) => {
    const startMs = performance.now();
    expect(count(text)).toBeGreaterThan(1_000);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('estimates very long texts within a few percent', () => {
    const text = sentence.repeat(20_000);
    expect(Math.abs(count(text) / (count(sentence.repeat(100)) * 200) - 1)).toBeLessThan(0.03);
  });

  it('counts a whole request: tools, system, messages and schema', () => {
    const request = { lane: 'a', tools: [], system: [], messages: [], outputTokensMax: 1 };
    const tool = { name: 'look', purpose: 'Shows a file.', inputSchema: {}, effect: 'read' as const };
    const fuller = { ...request, tools: [tool], output: { name: 'o', schema: { type: 'object' } } };
    expect(requestTokens(request, count)).toBe(0);
    expect(requestTokens(fuller, count)).toBeGreaterThan(count(tool.purpose) + 675);
  });
});
