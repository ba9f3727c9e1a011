import type { z } from 'zod';
import { fail, ok, type Result } from '../../core/index.ts';
import { checkProfile, type Profile } from './profile.ts';

/** Reads a profile. The failure's message has one line for each mistake: what, where, what was expected. */
export function parseProfile(data: unknown): Result<Profile> {
  const checked = checkProfile(data ?? {});
  if (checked.success) return ok(checked.data);
  const lines = checked.error.issues.flatMap((issue) => linesOf(issue, data));
  return fail('wrong-config', lines.join('\n'));
}

function linesOf(issue: z.core.$ZodIssue, data: unknown): readonly string[] {
  const name = nameOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(
        (key) => `${nameOf([...issue.path, key])} is not a field of a profile: remove it`,
      );
    case 'invalid_union':
      return linesOfUnion(issue, data) ?? [lineOf(name, issue, data)];
    default:
      return [lineOf(name, issue, data)];
  }
}

/** Where a value is nearly one of the choices, what is wrong inside it says more than the list of choices. */
function linesOfUnion(
  { errors, path }: z.core.$ZodIssueInvalidUnion,
  data: unknown,
): readonly string[] | null {
  const nearest = errors.find((issues) => issues.every((issue) => issue.path.length > 0));
  return nearest?.flatMap((issue) => linesOf({ ...issue, path: [...path, ...issue.path] }, data)) ?? null;
}

function lineOf(name: string, issue: z.core.$ZodIssue, data: unknown): string {
  const value = valueAt(data, issue.path);
  if (value === undefined) return `${name} is missing; expected ${issue.message}`;
  return `${name} is ${shown(value)}; expected ${issue.message}`;
}

/** Writes a path as people do: `faults[0].rate`. */
function nameOf(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    return before === '' ? String(part) : `${before}.${String(part)}`;
  }, '');
  return name === '' ? 'the profile' : name;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Readonly<Record<PropertyKey, unknown>>)[part];
  }, root);
}

/** Short enough for one line. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
