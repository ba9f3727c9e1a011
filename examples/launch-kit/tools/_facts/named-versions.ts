/** A version that a text gives of a named thing. */
export interface NamedVersion {
  readonly version: string;
  readonly offset: number;
}

/**
 * Finds the versions a text gives of a name: `Node 22`, `Node.js >= 22.18`, `"node": "^22"`, `Node 20, 22 and 24`.
 * Looks at the first 500 places where the name stands.
 */
export function findNamedVersions(text: string, name: string): readonly NamedVersion[] {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(stemOf(name))}`, 'giu');
  const found: NamedVersion[] = [];
  let places = 0;
  for (const match of text.matchAll(pattern)) {
    found.push(...versionsAt(text, match.index + match[0].length));
    places += 1;
    if (places === placesMax) break;
  }
  return found;
}

/** Says whether a name is one that everybody versions by number, so that a bare number next to it means a version. */
export function isKnownName(name: string): boolean {
  return /\.js$/i.test(name) || knownNames.includes(stemOf(name));
}

const placesMax = 500;
const versionsMax = 8;

/** None of them is also an everyday word: "next 5 steps" names no version. */
const knownNames: readonly string[] = Object.freeze(
  (
    'node deno bun python php java jdk kotlin scala typescript angular svelte django laravel postgres mysql mariadb sqlite ' +
    'redis mongodb kafka kubernetes docker ubuntu debian fedora macos ios android chrome firefox gpt claude gemini llama ' +
    'qwen mistral npm pnpm vite'
  ).split(' '),
);

/** `Node.js`, `nodejs` and `Node` are one name, as are PostgreSQL and Postgres. */
function stemOf(name: string): string {
  const plain = name.toLowerCase().replace(/(?<=.)\.?js$/, '');
  return plain === 'postgresql' ? 'postgres' : plain === 'golang' ? 'go' : plain;
}

const firstVersion =
  /(?:\.?js|ql|lang)?["'`*\])]{0,3}:? ?["'`(]?(?:>=|<=|[≥≤<>~^=@]|versions? |ver\.? )? ?v?(\d+(?:\.\d+)*)(?![\p{L}%\d])/iuy;
const nextVersion =
  /(?:\+|\.x)?(?:,? (?:and|or|und|oder|to|through|et|ou|y|o|e|bis) |, ?|\/| ?[-–] ?| ?\|\| ?)[<>=^~≥≤]{0,2} ?v?(\d+(?:\.\d+)*)(?![\p{L}%\d])/iuy;

function versionsAt(text: string, from: number): readonly NamedVersion[] {
  const found: NamedVersion[] = [];
  let at = from;
  for (const pattern of [firstVersion, ...Array.from({ length: versionsMax - 1 }, () => nextVersion)]) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const version = match?.[1];
    if (match === null || version === undefined) break;
    // "Node 22.18, 18 tests": a number of another shape goes on with something else.
    if (found[0] !== undefined && found[0].version.includes('.') !== version.includes('.')) break;
    found.push({ version, offset: match.index });
    at = match.index + match[0].length;
  }
  return found;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
