import { z } from 'zod';
import { fail, isJsonObject, type Json, type JsonSchema, ok, type Result } from '../../core/index.ts';

/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
const innerSchemaWords: readonly string[] = Object.freeze([
  'items',
  'prefixItems',
  'additionalProperties',
  'propertyNames',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
]);
const namedSchemaWords: readonly string[] = Object.freeze(['properties', 'patternProperties', '$defs']);

/** The words of JSON Schema that people write in a team's settings. */
export const schemaWords: readonly string[] = Object.freeze(
  (
    'type enum const default title description examples items prefixItems minItems maxItems uniqueItems properties ' +
    'required additionalProperties patternProperties propertyNames minProperties maxProperties minLength maxLength ' +
    'pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf anyOf oneOf allOf not nullable ' +
    'deprecated readOnly writeOnly contentEncoding contentMediaType'
  ).split(' '),
);

/** Lists what a schema says that JSON Schema has no word for; `$` words are its own, `x-` words anybody's. */
export function unknownWords(schema: JsonSchema): readonly string[] {
  return Object.keys(schema).filter((word) => !schemaWords.includes(word) && !/^(\$|x-)/.test(word));
}

/** Checks a JSON Schema and brings it to one spelling, however it was written. */
export function checkSchema(schema: JsonSchema): Result<JsonSchema> {
  const normal = normalSchema(schema);
  const { default: value, ...rules } = normal;
  const validator = compileSchema(rules);
  if (!validator.ok) return validator;
  if (value === undefined) return ok(normal);
  const fits = validator.value.safeParse(value);
  if (fits.success) return ok(normal);
  const reason = fits.error.issues[0]?.message ?? 'it does not';
  return fail(
    'wrong-team',
    `default is ${JSON.stringify(value)} and does not fit the schema itself: ${reason}`,
  );
}

/**
 * Takes the JSON Schema of a zod schema. `io` says which side of it: what goes in, or what comes out.
 * Fails for what JSON cannot carry (dates, transforms).
 */
export function schemaOfZod(schema: z.ZodType, io: 'input' | 'output'): Result<JsonSchema> {
  try {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
    return ok(JSON.parse(JSON.stringify(rest)) as JsonSchema);
  } catch (error) {
    // zod throws plain errors for types that JSON Schema has no word for.
    if (!(error instanceof Error)) throw error;
    return fail(
      'wrong-team',
      `this zod schema has no JSON Schema (${error.message}); use types that JSON carries`,
    );
  }
}

function compileSchema(schema: JsonSchema): Result<z.ZodType> {
  try {
    return ok(z.fromJSONSchema(schema));
  } catch (error) {
    // zod throws plain errors for schemas it cannot read, and lets those of bad patterns and references through.
    if (!(error instanceof Error)) throw error;
    return fail('wrong-team', `this is no JSON Schema that can be checked: ${error.message}`);
  }
}

/**
 * Removes what zod adds and nobody wrote (the bounds of safe integers) and adds what zod knows and people leave
 * out (that an enum of texts is text), so that a schema in YAML and its zod twin are equal data.
 */
function normalSchema(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema)
    .filter(([word, value]) => word !== '$schema' && !isSafeBound(schema, word, value))
    .map(([word, value]): [string, Json] => [word, normalPart(word, value)]);
  const normal = Object.fromEntries(entries);
  const type = normal.type === undefined ? typeOfValues(normal) : null;
  return type === null ? normal : { type, ...normal };
}

function normalPart(word: string, value: Json): Json {
  if (namedSchemaWords.includes(word) && isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, isJsonObject(one) ? normalSchema(one) : one]),
    );
  }
  if (!innerSchemaWords.includes(word)) return value;
  if (Array.isArray(value)) return value.map((one: Json) => (isJsonObject(one) ? normalSchema(one) : one));
  return isJsonObject(value) ? normalSchema(value) : value;
}

function isSafeBound(schema: JsonSchema, word: string, value: Json): boolean {
  if (schema.type !== 'integer') return false;
  if (word === 'minimum') return value === Number.MIN_SAFE_INTEGER;
  return word === 'maximum' && value === Number.MAX_SAFE_INTEGER;
}

function typeOfValues({ enum: values, const: value }: JsonSchema): 'string' | 'number' | null {
  const all: readonly Json[] = Array.isArray(values) ? values : value === undefined ? [] : [value];
  if (all.length === 0) return null;
  if (all.every((one) => typeof one === 'string')) return 'string';
  return all.every((one) => typeof one === 'number') ? 'number' : null;
}
