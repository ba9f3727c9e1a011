import { isJsonObject, type Json, type JsonSchema, type OutputSchema } from '../../core/index.ts';

/**
 * The schema as a grammar that Anthropic compiles, or null when it cannot be one.
 * Objects are closed and bounds dropped; maps, references, too many optional properties and anything unusual make it
 * null.
 */
export function grammarOf(schema: JsonSchema): JsonSchema | null {
  if (schema['type'] !== 'object' || optionalCount(schema) > optionalMax) return null;
  const closed = closedSchema(schema);
  return isJsonObject(closed) ? closed : null;
}

/** Optional properties of one request, in all (Anthropic, "Structured outputs"). */
const optionalMax = 24;

function optionalCount(schema: JsonSchema): number {
  const { names, required } = propertiesOf(schema);
  const own = names.filter((name) => !required.includes(name)).length;
  return childrenOf(schema).reduce((count, child) => count + optionalCount(child), own);
}

/** Says whether OpenAI's strict mode takes a schema as it is: closed objects that require all they have. */
export function isStrict(schema: JsonSchema): boolean {
  return schema['type'] === 'object' && everySchema(schema, isStrictNode);
}

/** Tells a model in words which JSON to answer with. For providers that cannot hold it to a schema. */
export function outputInstruction({ schema }: OutputSchema): string {
  return [
    'Answer with one JSON document and nothing else: no explanation, no code fence.',
    'It must be valid for this JSON Schema:',
    JSON.stringify(schema),
  ].join('\n');
}

/** Names a schema as providers take it: letters, digits, `_` and `-`, at most 64 characters. */
export function schemaName({ name }: OutputSchema): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'answer';
}

/** Keywords that both providers compile as they stand. */
const plainKeywords: ReadonlySet<string> = new Set([
  'const',
  'default',
  'description',
  'enum',
  'required',
  'title',
  'type',
]);

/** Keywords that only bound a value: a grammar can go without them, and whoever checks the reply still knows them. */
const bounds: ReadonlySet<string> = new Set([
  '$comment',
  '$id',
  '$schema',
  'examples',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'maxItems',
  'maxLength',
  'maximum',
  'minItems',
  'minLength',
  'minimum',
  'multipleOf',
  'pattern',
  'uniqueItems',
]);

/** `undefined` says: this cannot be a grammar. */
function closedSchema(schema: Json | undefined): Json | undefined {
  if (!isJsonObject(schema)) return undefined;
  const members = Object.entries(schema).filter(([key]) => !bounds.has(key));
  const closed = members.map(([key, value]): readonly [string, Json | undefined] => [
    key === 'oneOf' ? 'anyOf' : key,
    closedMember(key, value),
  ]);
  // An object of which nothing is told may hold anything: closed, it could only be empty.
  if (
    isObjectSchema(schema) &&
    schema['properties'] === undefined &&
    schema['additionalProperties'] !== false
  )
    return undefined;
  return closedEntries(
    isObjectSchema(schema)
      ? [
          ...closed,
          [
            'additionalProperties',
            closedMember('additionalProperties', schema['additionalProperties'] ?? false),
          ],
        ]
      : closed,
  );
}

function closedMember(key: string, value: Json): Json | undefined {
  if (plainKeywords.has(key)) return value;
  switch (key) {
    case 'additionalProperties':
      return value === false ? false : undefined;
    case 'items':
      return closedSchema(value);
    case 'properties':
      return isJsonObject(value)
        ? closedEntries(Object.entries(value).map(([name, member]) => [name, closedSchema(member)]))
        : undefined;
    case 'anyOf':
    case 'oneOf':
      return Array.isArray(value) ? closedList(value) : undefined;
    default:
      return undefined;
  }
}

function closedEntries(entries: readonly (readonly [string, Json | undefined])[]): Json | undefined {
  const whole = entries.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined);
  return whole.length === entries.length ? Object.fromEntries(whole) : undefined;
}

function closedList(list: readonly Json[]): Json | undefined {
  const whole = list.map((item) => closedSchema(item)).filter((item) => item !== undefined);
  return whole.length === list.length ? whole : undefined;
}

/** What OpenAI's strict mode knows beyond the plain keywords (OpenAI, "Structured Outputs: supported schemas"). */
const strictKeywords: ReadonlySet<string> = new Set([
  '$defs',
  '$ref',
  '$schema',
  'additionalProperties',
  'anyOf',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'items',
  'maxItems',
  'maximum',
  'minItems',
  'minimum',
  'multipleOf',
  'pattern',
  'properties',
]);

function isStrictNode(node: JsonSchema): boolean {
  const known = Object.keys(node).every(
    (key) => strictKeywords.has(key) || (plainKeywords.has(key) && key !== 'default'),
  );
  if (!known || !kindKeywords.some((key) => key in node)) return false;
  if (!isObjectSchema(node)) return true;
  const { names, required } = propertiesOf(node);
  return node['additionalProperties'] === false && names.every((name) => required.includes(name));
}

/** What says of a schema which values it takes: strict mode wants one of them in each. */
const kindKeywords: readonly string[] = Object.freeze(['type', '$ref', 'anyOf', 'enum', 'const']);

/** True also for an object that may be null. */
function isObjectSchema({ type }: JsonSchema): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object'));
}

function propertiesOf(schema: JsonSchema): {
  readonly names: readonly string[];
  readonly required: readonly Json[];
} {
  return {
    names: isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : [],
    required: Array.isArray(schema['required']) ? schema['required'] : [],
  };
}

function everySchema(schema: JsonSchema, holds: (node: JsonSchema) => boolean): boolean {
  return holds(schema) && childrenOf(schema).every((child) => everySchema(child, holds));
}

function childrenOf(schema: JsonSchema): readonly JsonSchema[] {
  const maps = [schema['properties'], schema['$defs']]
    .filter(isJsonObject)
    .flatMap((map) => Object.values(map));
  const lists = [schema['anyOf'], schema['oneOf']].filter((list) => Array.isArray(list)).flat();
  return [...maps, ...lists, schema['items']].filter(isJsonObject);
}
