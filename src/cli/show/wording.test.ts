import { describe, expect, it } from 'vitest';
import { tableLines } from './table.ts';
import { columnsOf, counted, dollars, duration, fitColumns, oneLine, padColumns } from './wording.ts';

describe('wording', () => {
  it.each([
    [0, '$0'],
    ['unknown', 'unknown'],
    [12, '<$0.0001'],
    [12_345, '$0.0123'],
    [500_000, '$0.50'],
    [999_999, '$1.00'],
    [1_234_567, '$1.23'],
    [1_500_000_000, '$1500.00'],
  ] as const)('writes %s micro-USD as %s', (microUsd, text) => {
    expect(dollars(microUsd)).toBe(text);
  });

  it.each([
    [0, '0.0 s'],
    [1_250, '1.3 s'],
    [59_940, '59.9 s'],
    [59_999, '1 min 0 s'],
    [83_400, '1 min 23 s'],
    [3_725_000, '1 h 2 min'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('counts one of a thing as one', () => {
    expect([counted(0, 'byte'), counted(1, 'byte'), counted(1234, 'byte')]).toEqual([
      '0 bytes',
      '1 byte',
      '1,234 bytes',
    ]);
  });

  it('leaves nothing in a line that a terminal would obey', () => {
    expect(oneLine('a\u001B]0;title\u0007b\r\nc\u202Ed')).toBe('ab cd');
  });

  it('measures in columns, not in characters', () => {
    expect([columnsOf('abc'), columnsOf('日本'), columnsOf('e\u0301'), columnsOf('👍')]).toEqual([
      3, 4, 1, 2,
    ]);
    expect(fitColumns('日本語', 4)).toBe('日…');
    expect(fitColumns('abcdef', 4)).toBe('abc…');
    expect(fitColumns('abcd', 4)).toBe('abcd');
    expect(fitColumns('abcd', 0)).toBe('');
    expect(padColumns('日', 4, 'right')).toBe('  日');
  });

  it('leaves out of a table what is empty in every row', () => {
    expect(
      tableLines({
        rows: [
          ['a', '', '1'],
          ['bb', '', '22'],
        ],
        right: [2],
      }),
    ).toEqual(['a    1', 'bb  22']);
    expect(tableLines({ rows: [] })).toEqual([]);
  });
});
