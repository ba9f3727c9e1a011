import { isJsonObject, type Json, type JsonSchema } from '../../../core/index.ts';

/** References within references end somewhere in any schema that has a value. */
const hopsMax = 16;

/** A schema with its references followed and its `allOf` merged; of alternatives, the first that is not null. */
export function resolved(schema: Json | undefined, root: JsonSchema): JsonSchema {
  let current = isJsonObject(schema) ? schema : {};
  for (let hop = 0; hop < hopsMax; hop += 1) {
    const next = step(current, root);
    if (next === current) return current;
    current = next;
  }
  return current;
}

/** The one type a value of the schema should have; null where any will do. */
export function typeOf(schema: JsonSchema): string | null {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) {
    const named = type.filter((one) => typeof one === 'string');
    return named.find((one) => one !== 'null') ?? named[0] ?? null;
  }
  if (isJsonObject(schema['properties'])) return 'object';
  return schema['items'] === undefined && schema['prefixItems'] === undefined ? null : 'array';
}

/** The properties of an object schema. */
export function propertiesOf({ properties }: JsonSchema): { readonly [name: string]: Json } {
  return isJsonObject(properties) ? properties : {};
}

/** The names that an object of the schema must have. */
export function requiredOf({ required }: JsonSchema): readonly string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

/** A number that a schema states; the fallback where it states none. */
export function numberIn(schema: JsonSchema, name: string, fallback: number): number {
  const value = schema[name];
  return typeof value === 'number' ? value : fallback;
}

/** A number of the schema: the wanted one, moved into its range. */
export function numberFor(schema: JsonSchema, wanted: number): number {
  const isWhole = typeOf(schema) === 'integer';
  const multiple = numberIn(schema, 'multipleOf', isWhole ? 1 : 0);
  const nudge = multiple > 0 ? multiple : smallStep(schema);
  const lowest = Math.max(
    numberIn(schema, 'minimum', Number.NEGATIVE_INFINITY),
    numberIn(schema, 'exclusiveMinimum', Number.NEGATIVE_INFINITY) + nudge,
  );
  const highest = Math.min(
    numberIn(schema, 'maximum', Number.POSITIVE_INFINITY),
    numberIn(schema, 'exclusiveMaximum', Number.POSITIVE_INFINITY) - nudge,
  );
  const inside = Math.min(highest, Math.max(lowest, wanted));
  if (multiple <= 0) return inside;
  const up = Math.ceil(inside / multiple) * multiple;
  return up <= highest ? up : Math.floor(inside / multiple) * multiple;
}

/** A quarter of the range, so that a step from an open end stays inside. */
function smallStep(schema: JsonSchema): number {
  const from = numberIn(schema, 'exclusiveMinimum', numberIn(schema, 'minimum', Number.NaN));
  const to = numberIn(schema, 'exclusiveMaximum', numberIn(schema, 'maximum', Number.NaN));
  return Number.isFinite(to - from) && to > from ? (to - from) / 4 : 1;
}

function step(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref, allOf, anyOf, oneOf, ...rest } = schema;
  if (typeof $ref === 'string') return merged(rest, pointedAt($ref, root));
  if (Array.isArray(allOf))
    return allOf.reduce<JsonSchema>(
      (whole, part) => merged(whole, resolved(part, root)),
      withAlternatives(rest, anyOf, oneOf),
    );
  const alternatives = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : null;
  if (alternatives === null) return schema;
  const chosen = alternatives.find(
    (one) => isJsonObject(one) && one['type'] !== 'null' && one['const'] !== null,
  );
  return merged(rest, isJsonObject(chosen) ? chosen : isJsonObject(alternatives[0]) ? alternatives[0] : {});
}

function withAlternatives(rest: JsonSchema, anyOf: Json | undefined, oneOf: Json | undefined): JsonSchema {
  return { ...rest, ...(anyOf === undefined ? {} : { anyOf }), ...(oneOf === undefined ? {} : { oneOf }) };
}

function merged(base: JsonSchema, more: JsonSchema): JsonSchema {
  const properties = { ...propertiesOf(base), ...propertiesOf(more) };
  const required = [...new Set([...requiredOf(base), ...requiredOf(more)])];
  return {
    ...base,
    ...more,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
  };
}

function pointedAt(pointer: string, root: JsonSchema): JsonSchema {
  if (!pointer.startsWith('#')) return {};
  const names = pointer
    .slice(1)
    .split('/')
    .filter((name) => name !== '');
  let current: Json | undefined = root;
  for (const name of names) {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
    current = isJsonObject(current)
      ? current[key]
      : Array.isArray(current)
        ? current[Number(key)]
        : undefined;
  }
  return isJsonObject(current) ? current : {};
}
