import { isJsonObject, type Json, type JsonSchema } from '../../../core/index.ts';

/** Keywords that strict mode refuses (OpenAI, "Structured Outputs: supported schemas"). */
const refused: readonly string[] = [
  'allOf',
  'contains',
  'dependentRequired',
  'dependentSchemas',
  'else',
  'if',
  'maxContains',
  'maxProperties',
  'minContains',
  'minProperties',
  'not',
  'oneOf',
  'patternProperties',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
  'uniqueItems',
];

/** Says why a schema cannot be used, in the vendor's words; null when it can. */
export function schemaMistake(schema: JsonSchema, strict: boolean): string | null {
  const type = schema['type'];
  if (type !== 'object') {
    const got = typeof type === 'string' ? type : 'None';
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${got}"'.`;
  }
  return strict ? strictMistake(schema, []) : null;
}

function strictMistake(schema: Json | undefined, context: readonly string[]): string | null {
  if (!isJsonObject(schema)) return null;
  const place = `In context=(${context.map((step) => `'${step}'`).join(', ')})`;
  const keyword = refused.find((name) => Object.hasOwn(schema, name));
  if (keyword !== undefined) return `${place}, '${keyword}' is not permitted.`;
  const mistake = objectMistake(schema);
  if (mistake !== null) return `${place}, ${mistake}`;
  for (const [step, child] of childrenOf(schema)) {
    const below = strictMistake(child, [...context, ...step]);
    if (below !== null) return below;
  }
  return null;
}

function objectMistake(schema: JsonSchema): string | null {
  const { type, properties, required, additionalProperties } = schema;
  const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
  if (!isObject) return null;
  if (additionalProperties !== false)
    return "'additionalProperties' is required to be supplied and to be false.";
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  const missing = names.find((name) => !(Array.isArray(required) && required.includes(name)));
  return missing === undefined
    ? null
    : `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
}

type Child = readonly [step: readonly string[], schema: Json | undefined];

function childrenOf(schema: JsonSchema): readonly Child[] {
  const maps = ['properties', '$defs', 'definitions'].flatMap((keyword) => {
    const map = schema[keyword];
    return isJsonObject(map)
      ? Object.entries(map).map(([name, child]): Child => [[keyword, name], child])
      : [];
  });
  const anyOf = Array.isArray(schema['anyOf']) ? (schema['anyOf'] as readonly Json[]) : [];
  return [
    ...maps,
    ...anyOf.map((child, index): Child => [['anyOf', String(index)], child]),
    [['items'], schema['items']],
  ];
}
