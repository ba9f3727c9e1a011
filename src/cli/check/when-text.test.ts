import { describe, expect, it } from 'vitest';
import type { Condition } from '../../team/index.ts';
import { whenText } from './when-text.ts';

const isDry: Condition = { type: 'is', param: 'tone', value: 'dry' };
const hasX: Condition = { type: 'includes', param: 'platforms', value: 'x' };

describe('a condition', () => {
  it.each<[Condition, string]>([
    [hasX, 'x in platforms'],
    [{ type: 'not', condition: hasX }, 'x not in platforms'],
    [isDry, 'tone is dry'],
    [{ type: 'not', condition: isDry }, 'tone is not dry'],
    [{ type: 'set', param: 'tone' }, 'tone'],
    [{ type: 'not', condition: { type: 'set', param: 'tone' } }, 'not tone'],
    [
      {
        type: 'or',
        conditions: [
          { type: 'and', conditions: [hasX, isDry] },
          { type: 'set', param: 'all' },
        ],
      },
      'x in platforms and tone is dry or all',
    ],
    [{ type: 'is', param: 'tone', value: 'very dry' }, 'tone is "very dry"'],
    [{ type: 'is', param: 'tone', value: 'not' }, 'tone is "not"'],
    [{ type: 'is', param: 'tone', value: 'so "dry"' }, `tone is 'so "dry"'`],
  ])('reads as it is written: %j', (condition, text) => {
    expect(whenText(condition)).toBe(text);
  });
});
