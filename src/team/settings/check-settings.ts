import type { z } from 'zod';
import { isJsonObject, type Place } from '../../core/index.ts';
import { didYouMean } from './closest.ts';
import type { Report } from './report.ts';
import { parseSettings, type TeamSettings, teamYamlSchema } from './team-settings.ts';

/** Where a setting stands: keys and list positions from the top. */
export type SettingPath = readonly (string | number)[];

/** Finds the place of a setting, or of the nearest thing around it that exists. */
export type PlaceOf = (path: SettingPath) => Place;

/** Settings that have the right shape. What was wrong is in the report and left out here. */
export interface CheckedSettings {
  readonly settings: TeamSettings;
  /** False when something was left out: then what refers to it must not be called wrong, too. */
  readonly whole: boolean;
}

/** Each pass leaves out every wrong value it can see; a value around them may show only then. */
const passesMax = 10;

/** Checks the shape of settings, telling of everything wrong, and keeps the rest. */
export function checkSettings(value: unknown, placeOf: PlaceOf, report: Report): CheckedSettings {
  let left = value;
  let whole = true;
  for (let pass = 0; pass < passesMax; pass += 1) {
    const parsed = parseSettings(left);
    if (parsed.success) return { settings: parsed.data, whole };
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys') noteUnknown(issue, placeOf, report);
      else report.fail(placeOf(pathOf(issue)), wrongValue(issue, left));
      if (issue.code !== 'unrecognized_keys') whole = false;
    }
    left = withoutIssues(left, parsed.error.issues);
  }
  return { settings: {}, whole: false };
}

/** Writes a path as people do: `agents.extractor.reads[1]`. */
export function settingName(path: SettingPath): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? part : `${name}.${part}`;
  }, '');
}

/** Writes a value short enough for one line of a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function noteUnknown(issue: z.core.$ZodIssueUnrecognizedKeys, placeOf: PlaceOf, report: Report): void {
  const around = pathOf(issue);
  for (const key of issue.keys) {
    const known = knownFields(around);
    const name = settingName([...around, key]);
    const list = ` Known here: ${known.join(', ')}.`;
    const hint = didYouMean(key, known) || list;
    report.note(placeOf([...around, key]), `the field ${name} is not known and has no effect.${hint}`);
  }
}

/** The fields that may stand at a path, read from the schema itself. */
function knownFields(path: SettingPath): readonly string[] {
  let schema: unknown = teamYamlSchema();
  for (const part of path) {
    if (!isJsonObject(schema)) return [];
    const { properties, additionalProperties } = schema;
    const own = isJsonObject(properties) && Object.hasOwn(properties, part) ? properties[part] : undefined;
    schema = own ?? additionalProperties;
  }
  return isJsonObject(schema) && isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
}

function wrongValue(issue: z.core.$ZodIssue, root: unknown): string {
  const path = pathOf(issue);
  const value = valueAt(root, path);
  const name = path.length === 0 ? 'this' : settingName(path);
  if (value === undefined) return `${name} is missing; expected ${issue.message}`;
  return `${name} is ${shown(value)}; expected ${issue.message}`;
}

function pathOf(issue: { readonly path: readonly PropertyKey[] }): SettingPath {
  return issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function valueAt(root: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Readonly<Record<string | number, unknown>>)[part];
  }, root);
}

function withoutIssues(root: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const paths = issues.flatMap((issue): SettingPath[] => {
    const path = pathOf(issue);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
    // What is missing cannot be left out; what lacks it can.
    return [valueAt(root, path) === undefined ? path.slice(0, -1) : path];
  });
  // From the back, so that the positions of a list's earlier items stay true.
  return paths.toReversed().reduce(without, root);
}

function without(value: unknown, path: SettingPath): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return {};
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.filter((_, position) => position !== first);
    return value.map((item, position) => (position === first ? without(item, rest) : item));
  }
  const entries = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([key]) => key !== first));
  return Object.fromEntries(entries.map(([key, item]) => [key, key === first ? without(item, rest) : item]));
}
