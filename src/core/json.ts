/** Any value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON Schema (2020-12 subset), as sent to providers. */
export type JsonSchema = { readonly [key: string]: Json };

/**
 * Writes a value as JSON with sorted keys and no spaces: equal data always gives equal bytes.
 * Properties that are undefined are left out; a function, a bigint or a non-finite number throws.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonicalJson takes finite numbers, not ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return canonicalArray(value);
  if (typeof value === 'object') return canonicalObject(value as { readonly [key: string]: unknown });
  throw new TypeError(`canonicalJson takes JSON data, not a ${typeof value}`);
}

// Text is strung together instead of joined: every turn of every agent is hashed, and lists of parts cost half of that.
function canonicalArray(items: readonly unknown[]): string {
  let text = '';
  for (const item of items) text += `${text === '' ? '' : ','}${canonicalJson(item ?? null)}`;
  return `[${text}]`;
}

function canonicalObject(value: { readonly [key: string]: unknown }): string {
  let text = '';
  for (const key of sortedKeys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** Few keys are put in order in place: the sort of the platform makes two lists more for each object. */
function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value);
  if (keys.length > fewKeys) return keys.sort();
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at] as string;
    let place = at;
    for (; place > 0 && (keys[place - 1] as string) > key; place--) keys[place] = keys[place - 1] as string;
    keys[place] = key;
  }
  return keys;
}

/** As far as inserting one by one is the quicker way. */
const fewKeys = 12;

/** How deep data may be nested that comes from outside: far deeper than people write, far less than a stack holds. */
export const jsonLevelsMax = 100;

/** Says whether data is nested deeper than `levels`; data that holds itself always is. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  const waiting: { readonly value: unknown; readonly level: number }[] = [{ value, level: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    const level = next.level + 1;
    if (level > levels) return true;
    for (const inner of Object.values(next.value)) waiting.push({ value: inner, level });
  }
  return false;
}

/** Says whether a value is a plain JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
