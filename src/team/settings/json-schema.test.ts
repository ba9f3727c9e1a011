import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkSchema, schemaOfZod } from './json-schema.ts';

describe('a schema', () => {
  it.each([
    ['a text', { type: 'string' }, z.string()],
    ['an enum', { enum: ['a', 'b'] }, z.enum(['a', 'b'])],
    ['a whole number', { type: 'integer' }, z.int()],
    ['a bounded number', { type: 'integer', minimum: 1, maximum: 9 }, z.int().min(1).max(9)],
    ['a switch', { type: 'boolean', default: false }, z.boolean().default(false)],
    ['a list', { type: 'array', items: { enum: ['a'] }, minItems: 1 }, z.array(z.enum(['a'])).min(1)],
    ['a described text', { type: 'string', description: 'd' }, z.string().describe('d')],
    [
      'an object',
      { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      z.object({ n: z.int() }),
    ],
  ])('of %s is equal data in YAML and in zod', (_, written, typed) => {
    const schema = schemaOfZod(typed, 'input');
    if (!schema.ok) throw new Error(schema.failure.message);
    const [one, other] = [checkSchema(written as never), checkSchema(schema.value)];
    expect(one.ok).toBe(true);
    expect(one).toEqual(other);
  });

  it('checked twice stays the same', () => {
    const once = checkSchema({ type: 'string', format: 'email', enum: ['a@b.c'] });
    expect(once.ok && checkSchema(once.value)).toEqual(once);
  });

  it.each([
    [{ type: 'strin' }, 'strin'],
    [{ type: 'string', pattern: '(' }, 'regular expression'],
    [{ type: 'array', items: { type: 'string' }, default: [1] }, 'does not fit'],
  ])('%j is refused', (schema, reason) => {
    const checked = checkSchema(schema);
    expect(checked.ok ? '' : checked.failure.message).toContain(reason);
  });

  it('that JSON cannot carry is refused with what to do', () => {
    const schema = schemaOfZod(z.object({ at: z.date() }), 'output');
    expect(schema.ok ? '' : schema.failure.message).toContain('use types that JSON carries');
  });
});
