import { describe, expect, it } from 'vitest';
import { conditionParams, holds, parseCondition } from './condition.ts';

function truth(text: string, params: Record<string, unknown>): boolean {
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  return holds(parsed.value, params);
}

describe('a condition', () => {
  it.each([
    ['x in platforms', { platforms: ['x', 'blog'] }, true],
    ['x in platforms', { platforms: ['blog'] }, false],
    ['x in platforms', {}, false],
    ['not x in platforms', { platforms: ['blog'] }, true],
    ['x not in platforms', { platforms: ['x'] }, false],
    ['tone is formal', { tone: 'formal' }, true],
    ['tone is not formal', { tone: 'formal' }, false],
    ['tone is not formal', {}, true],
    ['not tone is formal', { tone: 'dry' }, true],
    ['posts is 3', { posts: 3 }, true],
    ['posts is 3', { posts: '3' }, true],
    ['3 in sizes', { sizes: [1, 3] }, true],
    ['tone is "very formal"', { tone: 'very formal' }, true],
    ["'and' in words", { words: ['and'] }, true],
    ["tone is ''", { tone: '' }, true],
    ['review', { review: true }, true],
    ['review', { review: false }, false],
    ['review', { review: [] }, false],
    ['not review', {}, true],
    ['draft is true', { draft: true }, true],
    ['a or b and c', { a: true }, true],
    ['a or b and c', { b: true }, false],
    ['b and c or a', { a: true }, true],
    ['x in p and y in p', { p: ['x', 'y'] }, true],
    ['toString', {}, false],
  ])('%s with %j is %s', (text, params, expected) => {
    expect(truth(text, params)).toBe(expected);
  });

  it.each([
    ['', 'empty'],
    ['x in', 'a parameter after "in" is missing'],
    ['tone is', 'a value after "is" is missing'],
    ['x in platforms and', 'a value or a parameter is missing'],
    ['and x', 'missing before "and"'],
    ['x platforms', 'nothing fits "platforms"'],
    ['(x in platforms)', 'parentheses'],
    ['tone is "formal', 'not closed'],
    ['tone is formal dry', 'nothing fits "dry"'],
  ])('%j is refused with the forms that are known', (text, reason) => {
    const parsed = parseCondition(text);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.failure.code).toBe('wrong-team');
    expect(parsed.failure.message).toContain(reason);
    expect(parsed.failure.message).toContain('VALUE in PARAM');
  });

  it('is plain data that names its parameters once', () => {
    const parsed = parseCondition('x in platforms and not tone is formal or y in platforms');
    if (!parsed.ok) throw new Error(parsed.failure.message);
    expect(JSON.parse(JSON.stringify(parsed.value))).toEqual(parsed.value);
    expect(conditionParams(parsed.value)).toEqual(['platforms', 'tone']);
  });
});
