import { closestName } from './closest-name.ts';
import { fileToolNames, foreignNames, normalName, reasonsWithout } from './foreign-names.ts';
import { splitToolNames } from './parse-tool-list.ts';

/** What a list of tool names comes to. */
export interface MatchedToolNames {
  /** Names of tools that exist here, each once, in the order they were asked for. */
  readonly names: readonly string[];
  readonly unknown: readonly UnknownToolName[];
}

/** A name that no tool here answers to, and why: a phrase for the end of a sentence. */
export interface UnknownToolName {
  readonly name: string;
  readonly reason: string;
}

/**
 * Finds the tools that a list means. It may use the names they have in other harnesses.
 * `*` means all file tools. A name with a limit that cannot be held, such as `Read(src/**)`, is unknown:
 * it never becomes the tool without the limit.
 */
export function matchToolNames(
  list: string | readonly string[],
  available: readonly string[],
): MatchedToolNames {
  const asked = typeof list === 'string' ? splitToolNames(list) : list.map((name) => name.trim());
  const names = new Set<string>();
  const unknown = new Map<string, UnknownToolName>();
  for (const name of asked) {
    const match = matchOne(name, available);
    for (const found of match.names) names.add(found);
    if (match.reason !== null) unknown.set(name, { name, reason: match.reason });
  }
  return { names: [...names], unknown: [...unknown.values()] };
}

interface Match {
  readonly names: readonly string[];
  readonly reason: string | null;
}

function matchOne(asked: string, available: readonly string[]): Match {
  if (asked === '*') return matchAll(available);
  if (/^mcp(?:__|$)/i.test(asked))
    return without('teams cannot use MCP servers; write a tool in tools/ instead');
  const [, name = asked, limit = null] = /^([^()]+)\((.*)\)$/s.exec(asked) ?? [];
  const match = matchName(name.trim(), available);
  if (match.reason !== null || limit === null || /^\*{0,2}$/.test(limit.trim())) return match;
  return without(
    `limits on single calls cannot be held here; write "${name.trim()}", and say in team.yaml which files the agent reads and writes`,
  );
}

function matchAll(available: readonly string[]): Match {
  const names = fileToolNames.filter((name) => available.includes(name));
  return names.length > 0 ? found(...names) : without('it means all file tools, and there are none here');
}

function matchName(name: string, available: readonly string[]): Match {
  if (available.includes(name)) return found(name);
  const normal = normalName(name);
  const spelled = available.find((candidate) => candidate === name.replaceAll('-', '_'));
  if (spelled !== undefined) return found(spelled);
  const ours = entryOf(foreignNames, normal);
  if (ours !== undefined && available.includes(ours)) return found(ours);
  const same = available.find((candidate) => normalName(candidate) === normal);
  if (same !== undefined) return found(same);
  if (ours !== undefined) return without(`it means ${ours}, which is not there`);
  return without(entryOf(reasonsWithout, normal) ?? unknownReason(name, available));
}

function unknownReason(name: string, available: readonly string[]): string {
  const closest = closestName(name, [...available, ...Object.values(foreignNames)]);
  if (closest !== null && available.includes(closest))
    return `no tool has this name; did you mean ${closest}?`;
  return available.length === 0
    ? 'there are no tools'
    : `no tool has this name; there are ${available.join(', ')}`;
}

/** Only what stands in the table: `constructor` is nobody's tool. */
function entryOf(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function found(...names: readonly string[]): Match {
  return { names, reason: null };
}

function without(reason: string): Match {
  return { names: [], reason };
}
