import type { z } from 'zod';
import { fail, isJsonObject, type Json, type JsonSchema, ok, type Result } from '../core/index.ts';
import { firstLine } from './error-text.ts';

/** Problems that a failure names; more would bury the first. */
const problemsMax = 10;

/**
 * Checks a model's arguments. The failure has one line for each problem and then what to send,
 * so that a model can mend its call in one go.
 */
export function parseArguments(input: z.ZodObject, schema: JsonSchema, sent: unknown): Result<unknown> {
  // Some servers send nothing, or an empty text, where a tool has no arguments.
  const value = sent === undefined || sent === null || sent === '' ? {} : sent;
  if (typeof value === 'string') return refuse(['The arguments are not valid JSON.'], schema);
  if (!isJsonObject(value)) return refuse(['The arguments are not a JSON object.'], schema);
  const parsed = safeParse(input, value);
  if (!parsed.ok) return parsed;
  const unknown = unknownFields(schema, value).map((key) => `${key}: no such field`);
  const { success, data, error } = parsed.value;
  if (success && unknown.length === 0) return ok(data);
  return refuse([...(error?.issues ?? []).flatMap((issue) => issueLines(issue, value)), ...unknown], schema);
}

function refuse(problems: readonly string[], schema: JsonSchema): Result<never> {
  const lines = [...new Set(problems)];
  const rest = lines.length > problemsMax ? [`… and ${lines.length - problemsMax} more problems`] : [];
  return fail('bad-arguments', [...lines.slice(0, problemsMax), ...rest, expectation(schema)].join('\n'));
}

/** Refinements and transforms are the author's code: what they throw is told like a tool's failure. */
function safeParse(input: z.ZodObject, value: unknown): Result<z.ZodSafeParseResult<unknown>> {
  try {
    return ok(input.safeParse(value));
  } catch (error) {
    return fail('tool-failed', `The tool could not check its arguments: ${firstLine(error)}`);
  }
}

function unknownFields(schema: JsonSchema, value: { readonly [key: string]: Json }): readonly string[] {
  if (schema.additionalProperties !== false) return [];
  const fields = isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
  return Object.keys(value).filter((key) => !fields.includes(key));
}

function issueLines(issue: z.core.$ZodIssue, sent: Json): readonly string[] {
  const path = pathText(issue.path);
  // Unknown fields at the top are named from the schema, in the same words for strict and other objects.
  if (issue.code === 'unrecognized_keys') {
    return issue.path.length === 0 ? [] : issue.keys.map((key) => `${path}.${key}: no such field`);
  }
  if (issue.code === 'invalid_union') return [`${path}: ${unionText(issue, issue.path, sent)}`];
  if (isMissing(issue.path, sent)) return [`${path}: required, but missing`];
  const message = issue.message.replace(/^Invalid (?:input|option): /, '');
  return [path === '' ? message : `${path}: ${message}`];
}

function unionText(issue: z.core.$ZodIssueInvalidUnion, path: readonly PropertyKey[], sent: Json): string {
  if (isMissing(path, sent)) return 'required, but missing';
  const choices = issue.errors.flatMap(([first]) => (first === undefined ? [] : [first.message]));
  const texts = choices.map((message) => message.replace(/^Invalid (?:input|option): /, ''));
  return texts.length === 0 ? 'fits none of its forms' : [...new Set(texts)].join('; or ');
}

function isMissing(path: readonly PropertyKey[], sent: Json): boolean {
  if (path.length === 0) return false;
  let value: unknown = sent;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return true;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  return value === undefined;
}

/** `items[2].name`, as a person would write it. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function expectation(schema: JsonSchema): string {
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  if (properties.length === 0) return 'This tool takes no fields: send {}.';
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields = properties.map(
    ([key, field]) => `${key} (${typeText(field)}${required.includes(key) ? '' : ', optional'})`,
  );
  return `Send one JSON object with: ${fields.join(', ')}.`;
}

/** Choices longer than this are in the schema, not in the failure. */
const choicesMax = 12;

function typeText(field: Json): string {
  if (!isJsonObject(field)) return 'anything';
  if (Array.isArray(field.enum) && field.enum.length <= choicesMax) {
    return `one of ${field.enum.map((choice) => JSON.stringify(choice)).join(', ')}`;
  }
  if (field.const !== undefined) return JSON.stringify(field.const);
  const forms = Array.isArray(field.anyOf) ? field.anyOf : field.oneOf;
  if (Array.isArray(forms)) return [...new Set(forms.map((form: Json) => typeText(form)))].join(' or ');
  if (field.type === 'array' && isJsonObject(field.items)) return `list of ${typeText(field.items)}`;
  const types = Array.isArray(field.type) ? field.type : [field.type ?? 'anything'];
  return types.join(' or ');
}
