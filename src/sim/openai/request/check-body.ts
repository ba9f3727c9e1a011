import type { z } from 'zod';
import { isJsonObject, type Json } from '../../../core/index.ts';
import { type Checked, invalid, passed } from '../problem.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * Checks a body, and tells its first mistake in the vendor's words.
 * Gives the body itself: its keys stand as the client sent them, which is what prompt caches hash.
 */
export function checkBody<S extends z.ZodType>(schema: S, body: Json): Checked<z.infer<S>> {
  const { error } = schema.safeParse(body);
  const [issue] = error?.issues ?? [];
  return issue === undefined ? passed(body as z.infer<S>) : told(issue, body, []);
}

function told(issue: Issue, body: Json, above: Path): ReturnType<typeof invalid> {
  const path = [...above, ...issue.path];
  const param = pathText(path);
  const value = valueAt(body, path);
  if (value === undefined && issue.code !== 'unrecognized_keys')
    return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  switch (issue.code) {
    case 'unrecognized_keys': {
      const unknown = pathText([...path, issue.keys[0] ?? '']);
      return invalid(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
    }
    case 'invalid_type':
      return wrongType(param, expected(issue.expected), value);
    case 'invalid_value':
      return wrongValue(param, value, issue.values);
    case 'invalid_union':
      return wrongUnion(issue, { body, path, value });
    case 'too_small':
    case 'too_big':
      return outOfBounds(issue, param, value);
    case 'invalid_format': {
      const message = `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${issue.pattern ?? issue.format}'.`;
      return invalid(message, param, 'invalid_value');
    }
    default:
      return invalid(`Invalid '${param}': ${issue.message}.`, param, 'invalid_value');
  }
}

interface Found {
  readonly body: Json;
  readonly path: Path;
  readonly value: Json | undefined;
}

/** Of the alternatives, the one of the value's own type tells what is wrong with it. */
function wrongUnion(
  issue: Extract<Issue, { readonly code: 'invalid_union' }>,
  { body, path, value }: Found,
): ReturnType<typeof invalid> {
  const param = pathText(path);
  if (issue.errors.length === 0 && 'options' in issue)
    return wrongValue(param, value, (issue.options ?? []) as readonly unknown[]);
  const fitting = issue.errors.find(([first]) => first !== undefined && !isTypeOfWhole(first));
  const [inner] = fitting ?? [];
  if (inner !== undefined) return told(inner, body, path);
  const types = issue.errors.flatMap(([first]) =>
    first?.code === 'invalid_type' ? [expected(first.expected).replace(/^an? /, '')] : [],
  );
  return wrongType(param, `one of a ${types.join(' or ')}`, value);
}

function isTypeOfWhole(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function wrongType(param: string, wanted: string, value: Json | undefined): ReturnType<typeof invalid> {
  const message = `Invalid type for '${param}': expected ${wanted}, but got ${typeName(value)} instead.`;
  return invalid(message, param, 'invalid_type');
}

function wrongValue(
  param: string,
  value: Json | undefined,
  known: readonly unknown[],
): ReturnType<typeof invalid> {
  if (value === undefined)
    return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  const list = new Intl.ListFormat('en').format(known.map((each) => `'${String(each)}'`));
  const said = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return invalid(`Invalid value: ${said}. Supported values are: ${list}.`, param, 'invalid_value');
}

function outOfBounds(
  issue: Extract<Issue, { readonly code: 'too_small' | 'too_big' }>,
  param: string,
  value: Json | undefined,
): ReturnType<typeof invalid> {
  const isLow = issue.code === 'too_small';
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  if (issue.origin === 'array') return wrongLength(param, { isLow, bound, value });
  const kind = Number.isInteger(value) ? 'integer' : typeof value === 'string' ? 'string' : 'decimal';
  const side = isLow ? 'below minimum' : 'above maximum';
  const measure = kind === 'string' ? 'length' : 'value';
  const message = `Invalid '${param}': ${kind} ${side} ${measure}. Expected a ${measure} ${isLow ? '>=' : '<='} ${bound}, but got ${sizeOf(value)} instead.`;
  return invalid(message, param, `${kind}_${isLow ? 'below_min' : 'above_max'}_${measure}`);
}

function wrongLength(
  param: string,
  { isLow, bound, value }: { isLow: boolean; bound: number | bigint; value: Json | undefined },
): ReturnType<typeof invalid> {
  const what = isLow ? 'empty array' : 'array too long';
  const limit = `${isLow ? 'minimum' : 'maximum'} length ${bound}`;
  const got = isLow ? 'an empty array' : `an array with length ${sizeOf(value)}`;
  const message = `Invalid '${param}': ${what}. Expected an array with ${limit}, but got ${got} instead.`;
  return invalid(message, param, isLow ? 'empty_array' : 'array_above_max_length');
}

function sizeOf(value: Json | undefined): number | string {
  if (typeof value === 'number') return value;
  return typeof value === 'string' || Array.isArray(value) ? value.length : typeName(value);
}

const typeWords: Readonly<Record<string, string>> = Object.freeze({
  string: 'a string',
  int: 'an integer',
  number: 'a decimal',
  boolean: 'a boolean',
  array: 'an array of objects',
  object: 'an object',
  record: 'an object',
});

function expected(zodType: string): string {
  return typeWords[zodType] ?? zodType;
}

function typeName(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  if (Array.isArray(value)) return 'an array';
  return typeWords[typeof value] ?? typeof value;
}

function valueAt(body: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => {
    if (Array.isArray(value)) return (value as readonly Json[])[Number(key)];
    return isJsonObject(value) ? value[String(key)] : undefined;
  }, body);
}

/** `messages[0].content`, as the vendor names places. */
function pathText(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  );
}
