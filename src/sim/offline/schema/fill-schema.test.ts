import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonSchema } from '../../../core/index.ts';
import { pickExtracts } from '../compose/compose.ts';
import { extractFrom } from '../extract/extract.ts';
import { fillSchema } from './fill-schema.ts';
import { createSupply } from './supply.ts';

const text =
  '# Harbor\n\nHarbor 2.4.0 serves 12,000 requests a second. It needs no database. See https://harbor.example/docs for more.\n\n- Cold start takes 35 ms.\n- Memory stays below 64 MiB.\n';
const extracts = await extractFrom([{ path: 'source.md', text }], '', new AbortController().signal);

function fill(schema: JsonSchema, plain = false): unknown {
  return fillSchema(schema, {
    supply: createSupply(extracts, pickExtracts(extracts, 280), ['source.md']),
    plain,
  });
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
}

const Tree: z.ZodType = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});

const shapes: readonly (readonly [string, z.ZodType])[] = [
  [
    'strings',
    z.object({
      title: z.string(),
      summary: z.string().min(40).max(60),
      tiny: z.string().max(3),
      long: z.string().min(900),
    }),
  ],
  [
    'numbers',
    z.object({
      a: z.number(),
      b: z.int(),
      c: z.number().min(5).max(6),
      d: z.number().gt(0).lt(1),
      e: z.int().negative(),
      f: z.number().multipleOf(0.5).min(2.2),
      g: z.int().min(0).max(10),
    }),
  ],
  [
    'choices',
    z.object({
      verdict: z.enum(['ship', 'fix']),
      kind: z.literal('review'),
      level: z.literal([2, 3]),
      maybe: z.enum(['a']).nullable(),
      flag: z.boolean(),
    }),
  ],
  [
    'lists',
    z.object({
      few: z.array(z.string()).max(1),
      many: z.array(z.string()).min(7),
      pair: z.tuple([z.string(), z.number()]),
      platforms: z.array(z.enum(['x', 'blog'])),
      none: z.array(z.string()).max(0),
    }),
  ],
  [
    'unions',
    z.union([z.object({ type: z.literal('a'), a: z.string() }), z.object({ type: z.literal('b') })]),
  ],
  [
    'a discriminated union',
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('a'), a: z.string() }),
      z.object({ type: z.literal('b') }),
    ]),
  ],
  [
    'nullables and optionals',
    z.object({ a: z.string().nullable(), b: z.number().optional(), c: z.null(), d: z.string().default('x') }),
  ],
  ['an intersection', z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() }))],
  [
    'records',
    z.object({ free: z.record(z.string(), z.number()), fixed: z.record(z.enum(['x', 'y']), z.string()) }),
  ],
  ['a schema that contains itself', Tree],
  [
    'formats',
    z.object({
      at: z.iso.datetime(),
      day: z.iso.date(),
      mail: z.email(),
      link: z.url(),
      id: z.uuid(),
      ip: z.ipv4(),
    }),
  ],
  [
    'patterns',
    z.object({
      slug: z.string().regex(/^[a-z]+$/),
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      code: z.string().regex(/^[A-Z]{3}$/),
    }),
  ],
  ['a plain string', z.string()],
  ['an array at the root', z.array(z.object({ claim: z.string(), score: z.number().min(0).max(1) })).min(2)],
  ['strict objects', z.strictObject({ a: z.strictObject({ b: z.string() }) })],
  [
    'sets of records',
    z.array(z.strictObject({ path: z.string(), severity: z.enum(['low', 'high']) })).max(2),
  ],
];

describe('filling a schema', () => {
  it.each(shapes)('gives JSON that fits: %s', (_, shape) => {
    for (const plain of [false, true]) {
      const schema = jsonSchemaOf(shape);
      const value = fill(schema, plain);
      const checked = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
      expect(checked.error?.issues ?? []).toEqual([]);
      expect(shape.safeParse(value).error?.issues ?? []).toEqual([]);
    }
  });

  it('gives JSON that fits any schema made of the usual parts', () => {
    const leaf: fc.Arbitrary<z.ZodType> = fc.oneof(
      fc.constant(z.boolean()),
      fc.tuple(fc.nat(30), fc.nat(60)).map(([min, more]) =>
        z
          .string()
          .min(min)
          .max(min + more),
      ),
      fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(50)).map(([min, more]) =>
        z
          .int()
          .min(min)
          .max(min + more),
      ),
      fc.constantFrom(z.enum(['a', 'b']), z.literal(7), z.null(), z.number().gt(3).lt(3.5)),
    );
    const { any } = fc.letrec<{ any: z.ZodType }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.tuple(tie('any'), fc.nat(3), fc.nat(3)).map(([item, min, more]) =>
          z
            .array(item)
            .min(min)
            .max(min + more),
        ),
        fc
          .dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('any'), { maxKeys: 4, noNullPrototype: true })
          .map((shape) => z.strictObject(shape)),
        tie('any').map((inner) => z.nullable(inner)),
      ),
    }));
    fc.assert(
      fc.property(any, fc.boolean(), (shape, plain) => {
        expect(shape.safeParse(fill(jsonSchemaOf(shape), plain)).error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('fills strings with what was read, by the names of their properties', () => {
    const value = fill(
      jsonSchemaOf(z.object({ title: z.string(), url: z.string(), source: z.string(), claim: z.string() })),
    );
    expect(value).toMatchObject({ title: 'Harbor', url: 'https://harbor.example/docs', source: 'source.md' });
    expect(text.replace(/\s+/g, ' ')).toContain((value as { claim: string }).claim);
  });
});
