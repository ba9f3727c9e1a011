import type { z } from 'zod';
import { isJsonObject, type Json } from '../../core/index.ts';
import { type Checked, faulty, invalidRequest, sound } from './fault.ts';

/** What a number should be that is whole: given to the schema as its message, since JSON knows no integers. */
export const integer = 'a valid integer';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * Checks the shape of a body and gives it back as it came: the order of its keys is part of a prompt's hash.
 * The first thing that is wrong is told with its place, in the words of the API's own validator.
 */
export function readShape<T>(schema: z.ZodType<T>, body: Json | undefined): Checked<T> {
  const parsed = schema.safeParse(body);
  // Nothing is transformed by the schema, so what passed it has its type.
  if (parsed.success) return sound(body as T);
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new TypeError('zod refused a body without saying why');
  return faulty(invalidRequest(said(issue, [], body)));
}

function said(issue: Issue, around: Path, body: Json | undefined): string {
  const path = [...around, ...issue.path];
  const value = valueAt(body, path);
  if (issue.code === 'unrecognized_keys') {
    return `${placeOf([...path, issue.keys[0] ?? ''], body)}: Extra inputs are not permitted`;
  }
  if (issue.code === 'invalid_union') return saidOfUnion(issue, path, body);
  const place = placeOf(path, body);
  return `${place}: ${value === undefined ? 'Field required' : complaint(issue, value)}`;
}

/** Text or a list of blocks: a list is told what is wrong inside it. A tag that nobody knows is told what there is. */
function saidOfUnion(
  issue: Extract<Issue, { readonly code: 'invalid_union' }>,
  path: Path,
  body: Json | undefined,
): string {
  const value = valueAt(body, path);
  if (issue.discriminator !== undefined) return saidOfTag(issue, path, body);
  const inside = issue.errors.find((branch) => branch.some((problem) => problem.path.length > 0))?.[0];
  if (inside !== undefined) return said(inside, path, body);
  return `${placeOf(path, body)}: ${value === undefined ? 'Field required' : 'Input should be a valid string'}`;
}

function saidOfTag(
  { discriminator = 'type', ...issue }: Extract<Issue, { readonly code: 'invalid_union' }>,
  path: Path,
  body: Json | undefined,
): string {
  const holder = path.at(-1) === discriminator ? path.slice(0, -1) : path;
  const place = placeOf(holder, body, false);
  const tag = valueAt(body, [...holder, discriminator]);
  if (typeof tag !== 'string')
    return `${place}: Unable to extract tag using discriminator '${discriminator}'`;
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  const known = options.filter((option) => typeof option === 'string').map((option) => `'${option}'`);
  const start = `Input tag '${tag}' found using '${discriminator}' does not match any of the expected tags`;
  return `${place}: ${start}: ${known.join(', ')}`;
}

function complaint(issue: Issue, value: Json): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Input should be ${issue.message === integer ? integer : (typeWords[issue.expected] ?? issue.expected)}`;
    case 'invalid_value':
      return `Input should be ${issue.values.map((one) => `'${String(one)}'`).join(' or ')}`;
    case 'invalid_format':
      return `String should match pattern '${issue.pattern?.slice(1, -1) ?? issue.format}'`;
    case 'too_small':
      return tooFew(issue.minimum, value);
    case 'too_big':
      return tooMany(issue.maximum, value);
    default:
      return issue.message;
  }
}

const typeWords: Readonly<Record<string, string>> = Object.freeze({
  array: 'a valid list',
  boolean: 'a valid boolean',
  number: 'a valid number',
  object: 'an object',
  record: 'an object',
  string: 'a valid string',
});

function tooFew(minimum: number | bigint, value: Json): string {
  if (typeof value === 'string') return `String should have at least ${minimum} character`;
  if (Array.isArray(value)) return `List should have at least ${minimum} item after validation`;
  return `Input should be greater than or equal to ${minimum}`;
}

function tooMany(maximum: number | bigint, value: Json): string {
  if (typeof value === 'string') return `String should have at most ${maximum} characters`;
  if (Array.isArray(value)) return `List should have at most ${maximum} items after validation`;
  return `Input should be less than or equal to ${maximum}`;
}

/** Writes a place as the API does: what is one of several kinds is followed by its kind, `content.0.text.text`. */
function placeOf(path: Path, body: Json | undefined, tagLast = true): string {
  const parts = path.flatMap((part, at) => {
    const isLast = at === path.length - 1;
    const kind = isLast && !tagLast ? null : kindAt(path.slice(0, at + 1), body);
    return kind === null || isLast ? [String(part)] : [String(part), kind];
  });
  return parts.length === 0 ? 'body' : parts.join('.');
}

function kindAt(path: Path, body: Json | undefined): string | null {
  const last = path.at(-1);
  const list = path.at(-2);
  const isChoice = last === 'thinking' || last === 'tool_choice' || list === 'content' || list === 'tools';
  const value = isChoice ? valueAt(body, path) : undefined;
  if (!isJsonObject(value)) return null;
  const kind = value['type'];
  if (list === 'tools') return typeof kind === 'string' ? kind : 'custom';
  return typeof kind === 'string' ? kind : null;
}

function valueAt(body: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, part) => {
    if (Array.isArray(value)) return value[Number(part)];
    return isJsonObject(value) ? value[String(part)] : undefined;
  }, body);
}
