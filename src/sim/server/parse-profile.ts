import type { z } from 'zod';
import { fail, ok, type Result } from '../../core/index.ts';
import { checkProfile, type Profile } from './profile.ts';
import type { SimModel } from './wire.ts';

/**
 * Reads a profile. The failure's message has one line for each mistake: what, where, what was expected.
 * `models`: those there are; absent, nobody knows, and a fault may name any.
 */
export function parseProfile(data: unknown, models?: readonly SimModel[]): Result<Profile> {
  const checked = checkProfile(data ?? {});
  const lines = checked.success
    ? unknownModels(checked.data, models)
    : checked.error.issues.flatMap((issue) => linesOf(issue, data));
  return checked.success && lines.length === 0 ? ok(checked.data) : fail('wrong-config', lines.join('\n'));
}

/** A fault that is meant for a model nobody can ask would never strike, and nobody would know. */
function unknownModels({ faults }: Profile, models: readonly SimModel[] | undefined): readonly string[] {
  if (models === undefined) return [];
  const names = new Set(models.flatMap(({ provider, name }) => [name, `${provider}/${name}`]));
  return faults.flatMap(({ model }, place) =>
    model === undefined || names.has(model)
      ? []
      : [
          `faults[${place}].model is ${shown(model)}; expected a model that the simulator has, such as anthropic/claude-sonnet-5`,
        ],
  );
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
