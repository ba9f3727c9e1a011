import { z } from 'zod';
import {
  canonicalJson,
  type Failure,
  fail,
  isDeeperThan,
  type Json,
  type JsonSchema,
  jsonLevelsMax,
  ok,
  type Result,
} from '../core/index.ts';
import type { TeamInput } from '../team/index.ts';

/** Parameters that fit, with defaults filled in; or everything that is wrong with them. */
export type CheckedParams =
  | { readonly ok: true; readonly params: Readonly<Record<string, Json>> }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** Checks a brief's parameters against what the team declares. Finds every mistake, not only the first. */
export function checkParams(
  given: Readonly<Record<string, unknown>>,
  declared: TeamInput['params'],
): CheckedParams {
  const checked: [string, Result<Json | undefined>][] =
    declared === null
      ? Object.entries(given)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => [name, asJson(name, value)])
      : [
          ...Object.keys(given)
            .filter((name) => !Object.hasOwn(declared, name))
            .map((name): [string, Result<Json>] => [name, unknownParam(name, Object.keys(declared))]),
          ...Object.entries(declared).map(([name, param]): [string, Result<Json | undefined>] => [
            name,
            checkParam(name, Object.hasOwn(given, name) ? given[name] : undefined, param),
          ]),
        ];
  const failures = checked.flatMap(([, result]) => (result.ok ? [] : [result.failure]));
  if (failures.length > 0) return { ok: false, failures };
  const present = checked.flatMap(([name, result]) =>
    result.ok && result.value !== undefined ? [[name, result.value]] : [],
  );
  return { ok: true, params: Object.fromEntries(present) };
}

/**
 * Reads a parameter that a person typed, by its schema: lists are split at commas, numbers and booleans read,
 * objects taken as JSON. What does not fit stays text, so that the check says what was expected.
 */
export function paramFromText(text: string, schema: JsonSchema | null): Json {
  const type = schema?.['type'];
  if (type === 'array' && !text.trimStart().startsWith('[')) {
    const items = schema?.['items'] as JsonSchema | undefined;
    const parts = text.split(',').map((part) => part.trim());
    return parts.filter((part) => part !== '').map((part) => paramFromText(part, items ?? null));
  }
  const isLiteral =
    type === 'number' || type === 'integer' || type === 'boolean' || type === 'object' || type === 'array';
  if (!isLiteral) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Not JSON: the check of the schema says it better than a parser would.
    return text;
  }
}

function checkParam(
  name: string,
  value: unknown,
  { schema, required }: { readonly schema: JsonSchema; readonly required: boolean },
): Result<Json | undefined> {
  if (value === undefined) {
    if (schema['default'] !== undefined) return ok(schema['default']);
    return required
      ? fail('wrong-input', `Parameter ${name} is missing: give it ${expected(schema)}.`)
      : ok(undefined);
  }
  if (isDeeperThan(value, jsonLevelsMax)) return tooDeep(name);
  const parsed = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
  if (parsed.success) return asJson(name, parsed.data);
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'does not fit' };
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return fail(
    'wrong-input',
    `Parameter ${name} is ${shown(value)}${where}: ${message}. Give it ${expected(schema)}.`,
  );
}

function unknownParam(name: string, known: readonly string[]): Result<never> {
  const list = known.length === 0 ? 'It takes none.' : `It takes: ${known.join(', ')}.`;
  return fail('wrong-input', `Parameter ${name} is not one of this team’s. ${list}`);
}

function asJson(name: string, value: unknown): Result<Json> {
  if (isDeeperThan(value, jsonLevelsMax)) return tooDeep(name);
  try {
    return ok(JSON.parse(canonicalJson(value)) as Json);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return fail(
      'wrong-input',
      `Parameter ${name} is not JSON data: give it text, numbers, lists or objects.`,
    );
  }
}

function tooDeep(name: string): Result<never> {
  return fail(
    'wrong-input',
    `Parameter ${name} is nested deeper than ${jsonLevelsMax} levels: bring it as a file instead.`,
  );
}

/** Says in words what a schema takes; short, for the end of a sentence. */
function expected(schema: JsonSchema): string {
  const { enum: choices, type, items } = schema;
  if (Array.isArray(choices)) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  if (type === 'array')
    return `a list${items === undefined ? '' : ` with each item ${expected(items as JsonSchema)}`}`;
  if (type === 'string') return 'text';
  if (type === 'integer') return 'a whole number';
  if (type === 'boolean') return 'true or false';
  if (typeof type === 'string') return `${type === 'object' ? 'an object' : `a ${type}`}`;
  return `what fits ${JSON.stringify(schema)}`;
}

const shownCharactersMax = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= shownCharactersMax ? text : `${text.slice(0, shownCharactersMax - 1)}…`;
}
