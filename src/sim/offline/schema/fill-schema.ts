import { isJsonObject, type Json, type JsonSchema } from '../../../core/index.ts';
import { cutAtWord } from '../extract/cut-text.ts';
import { numberFor, numberIn, propertiesOf, requiredOf, resolved, typeOf } from './schema.ts';
import type { Supply } from './supply.ts';

/** What a schema is filled with. */
export interface SchemaFilling {
  readonly supply: Supply;
  /** Only what is required: after a first answer was refused. */
  readonly plain: boolean;
}

/** Items of a list that is free to have any number. */
const listItems = 3;
/** Below this, only what is required is filled, so that a schema that contains itself ends. */
const optionalDepthMax = 5;
const depthMax = 24;
const stringLengthMax = 320;

/** Makes JSON that fits a schema: strings are extracts, all else is the plainest value that is allowed. */
export function fillSchema(schema: JsonSchema, filling: SchemaFilling): Json {
  return valueFor(schema, { root: schema, label: '', depth: 0, ...filling });
}

interface Place extends SchemaFilling {
  readonly root: JsonSchema;
  /** The name of the property that is filled. */
  readonly label: string;
  readonly depth: number;
}

function valueFor(unresolved: Json | undefined, place: Place): Json {
  const schema = resolved(unresolved, place.root);
  const { const: only, enum: allowed } = schema;
  if (only !== undefined) return only;
  if (Array.isArray(allowed)) return allowed.find((value) => value !== null) ?? null;
  // Nothing nests this deep on purpose: it is a schema that no finite value fits.
  if (place.depth > depthMax) return null;
  switch (typeOf(schema)) {
    case 'object':
      return objectFor(schema, place);
    case 'array':
      return arrayFor(schema, place);
    case 'integer':
    case 'number':
      return numberFor(schema, defaultNumber(schema));
    case 'boolean':
      return schema['default'] === true;
    case 'null':
      return null;
    default:
      return stringFor(schema, place);
  }
}

function objectFor(schema: JsonSchema, place: Place): Json {
  const properties = propertiesOf(schema);
  const required = requiredOf(schema);
  const withOptional = !place.plain && place.depth < optionalDepthMax;
  const names = [...new Set([...(withOptional ? Object.keys(properties) : []), ...required])];
  const inner = (label: string): Place => ({ ...place, label, depth: place.depth + 1 });
  const members = names.map(
    (name) => [name, valueFor(properties[name] ?? additional(schema), inner(name))] as const,
  );
  const missing = numberIn(schema, 'minProperties', 0) - members.length;
  const added = keysFor(schema, place, missing).map(
    (name) => [name, valueFor(additional(schema), inner(name))] as const,
  );
  return Object.fromEntries([...members, ...added]);
}

/** Names for members of a record: those its schema lists, else words of its own. */
function keysFor(schema: JsonSchema, { root }: Place, missing: number): readonly string[] {
  const names = resolved(schema['propertyNames'], root);
  const listed = Array.isArray(names['enum']) ? names['enum'].filter((name) => typeof name === 'string') : [];
  if (listed.length > 0) return listed.filter((name) => propertiesOf(schema)[name] === undefined);
  return Array.from({ length: Math.max(0, missing) }, (_, index) => `item${index + 1}`);
}

function additional({ additionalProperties }: JsonSchema): JsonSchema {
  return isJsonObject(additionalProperties) ? additionalProperties : {};
}

function arrayFor(schema: JsonSchema, place: Place): Json {
  const inner = { ...place, depth: place.depth + 1 };
  const fixed = Array.isArray(schema['prefixItems'])
    ? schema['prefixItems'].map((item) => valueFor(item, inner))
    : [];
  const least = numberIn(schema, 'minItems', 0);
  const wished =
    place.plain || place.depth >= optionalDepthMax || schema['items'] === false ? least : listItems;
  const count = Math.max(
    least,
    Math.min(Math.max(wished, fixed.length), numberIn(schema, 'maxItems', Number.POSITIVE_INFINITY)),
  );
  const listed = resolved(schema['items'], place.root)['enum'];
  const isUnique = schema['uniqueItems'] === true || Array.isArray(listed);
  const choices = Array.isArray(listed) ? listed.filter((value) => value !== null) : [];
  const items = [...fixed];
  // A free string may come back when extracts run out, so a list without repeats gets a few tries more.
  for (let round = 0; items.length < count && round < count + extraTries; round += 1) {
    const value =
      choices.length > 0 ? (choices[round % choices.length] ?? null) : valueFor(schema['items'] ?? {}, inner);
    const repeats = isUnique && items.some((item) => JSON.stringify(item) === JSON.stringify(value));
    if (!repeats || (items.length < least && round >= choices.length && schema['uniqueItems'] !== true))
      items.push(value);
  }
  return items;
}

const extraTries = 60;

function defaultNumber({ default: usual }: JsonSchema): number {
  return typeof usual === 'number' ? usual : 1;
}

function stringFor(schema: JsonSchema, { label, supply }: Place): string {
  const { format, pattern } = schema;
  const least = numberIn(schema, 'minLength', 0);
  const most = numberIn(schema, 'maxLength', Math.max(stringLengthMax, least));
  if (typeof format === 'string' && formats[format] !== undefined) return formats[format];
  if (typeof pattern === 'string') return matching(pattern, { least, most, supply });
  return lengthened(most < 1 ? '' : supply.fill(label, most), { least, most, supply });
}

interface Lengths {
  readonly least: number;
  readonly most: number;
  readonly supply: Supply;
}

/** Adds extracts until the text is long enough; dots when that is not to be had. Lengths count characters below, units above. */
function lengthened(text: string, { least, most, supply }: Lengths): string {
  let long = cutAtWord(text, most) || text.slice(0, most).toWellFormed();
  for (let round = 0; [...long].length < least && round < extraTries; round += 1) {
    long = cutAtWord(`${long} ${supply.next()}`.trim(), most);
    if (long.length >= most * 0.9) break;
  }
  const missing = least - [...long].length;
  return missing > 0 ? long + '.'.repeat(missing) : long;
}

/** Tries extracts, their words and plain values; a pattern that none of them fits gets an extract all the same. */
function matching(pattern: string, { least, most, supply }: Lengths): string {
  const expression = expressionOf(pattern);
  const texts = Array.from({ length: 12 }, () => supply.next());
  const words = texts.flatMap((text) => text.match(/[\p{L}\p{N}][\p{L}\p{N}._/-]*/gu) ?? []);
  const variants = words.flatMap((word) => [
    word,
    word.toLowerCase(),
    word.toUpperCase(),
    word.replace(/[^a-z0-9]/gi, '').toLowerCase(),
  ]);
  const candidates = [...texts, ...variants, ...plainValues].filter((text) => {
    const length = [...text].length;
    return length >= least && text.length <= most && text.length <= 400;
  });
  return (
    candidates.find((text) => expression?.test(text)) ?? lengthened(texts[0] ?? '', { least, most, supply })
  );
}

function expressionOf(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const plainValues: readonly string[] = [
  'a',
  'A',
  'abc',
  'Abc',
  'ABC',
  'a-b',
  'a_b',
  'a1',
  'A1',
  '0',
  '1',
  '00',
  '12',
  '123',
  '1234',
  '12345',
  '0.0.0',
  '1.0',
  'v1.0.0',
  '#000000',
  '2000-01-01',
  'en',
  'en-US',
  '/',
  'a/b',
  'a.md',
];

/** Values that stand for none of their kind; the example names are reserved for that (RFC 2606). */
const formats: Readonly<Record<string, string>> = {
  'date-time': '2000-01-01T00:00:00Z',
  date: '2000-01-01',
  time: '00:00:00Z',
  duration: 'PT0S',
  email: 'nobody@example.com',
  'idn-email': 'nobody@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  'uri-reference': 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};
