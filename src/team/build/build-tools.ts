import { hashJson, type Tool } from '../../core/index.ts';
import { openSkillFileTool } from '../../skills/index.ts';
import { matchToolNames } from '../../tools/index.ts';
import { fileTools } from '../../workspace/index.ts';
import type { Report } from '../settings/report.ts';
import type { AgentSource, NamesAt, ToolSource } from './team-source.ts';

/** What an agent's work alone requires. */
export interface ToolNeeds {
  readonly reads: boolean;
  /** True when its artifact is a file it writes; false when it is its answer. */
  readonly writesFile: boolean;
}

const readTool = 'read_file';
const writeTool = 'write_file';
const delegateTool = 'delegate';
const openTool = 'open_skill_file';

/** The team's own tools by name, ready to be given out. */
export interface ToolPool {
  readonly pool: ReadonlyMap<string, Tool>;
  /** False when some could not be loaded. */
  readonly whole: boolean;
  readonly report: Report;
}

/** Checks the team's own tools: no two of one name, and none with a name that is taken. */
export function buildToolPool(tools: readonly ToolSource[], report: Report): ReadonlyMap<string, Tool> {
  const builtIn = [...fileTools().map(({ name }) => name), delegateTool, openTool];
  const pool = new Map<string, ToolSource>();
  for (const one of tools) {
    const { tool, place } = one;
    const earlier = pool.get(tool.name);
    if (builtIn.includes(tool.name)) {
      report.fail(place, `the tool "${tool.name}" has the name of a built-in one; rename it`);
    } else if (earlier !== undefined) {
      report.fail(
        place,
        `the tool "${tool.name}" is there twice, also from ${earlier.place.file}; rename one of them`,
      );
    } else {
      pool.set(tool.name, one);
    }
  }
  return new Map([...pool].map(([name, { tool }]) => [name, tool]));
}

/** Decides what a member can use, in an order that is always the same. */
export function buildTools(
  agent: AgentSource,
  needs: ToolNeeds,
  { pool, whole, report }: ToolPool,
): readonly Tool[] {
  const files = fileTools();
  const available = [...files.map(({ name }) => name), ...pool.keys()];
  const wanted = wantedNames(agent, { available, fileNames: files.map(({ name }) => name), whole, report });
  const needed = [...(needs.reads ? [readTool] : []), ...(needs.writesFile ? [writeTool] : [])];
  const names = new Set([...wanted, ...needed]);
  // Where the answer is the artifact there is no file to write.
  const usable = files.filter(
    (tool) => names.has(tool.name) && (needs.writesFile || tool.effect !== 'write'),
  );
  const opener = openSkillFileTool({ inPrompt: agent.skills[0] ?? null, more: agent.skills.slice(1) });
  const own = [...pool.values()].filter((tool) => names.has(tool.name));
  return [
    ...usable,
    ...(opener === null ? [] : [opener]),
    ...own.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ];
}

/** A lead's tools are fixed; says which of those it asks for are left out. */
export function noteLeadTools(lead: AgentSource, report: Report): void {
  const fixed = ['list_files', delegateTool, 'glob', 'ls', 'task', 'agent'];
  const list = lead.tools ?? { names: [], place: lead.place };
  const beyond = list.names.filter((name) => !fixed.includes(baseName(name)));
  if (beyond.length > 0) report.note(list.place, `a lead coordinates: ${beyond.join(', ')} is left out`);
}

function wantedNames(
  { name, tools, withoutTools }: AgentSource,
  options: {
    readonly available: readonly string[];
    readonly fileNames: readonly string[];
    readonly whole: boolean;
    readonly report: Report;
  },
): readonly string[] {
  const { available, fileNames, whole, report } = options;
  const without = matched(withoutTools, available).names;
  if (tools === null || tools.names.length === 0) {
    return tools === null ? fileNames.filter((one) => !without.includes(one)) : [];
  }
  const found = matched(tools, available);
  const unknown = found.unknown.map((one) => `${one.name} (${one.reason})`);
  const names = found.names.filter((one) => !without.includes(one));
  if (names.length === 0 && !whole) return names;
  if (names.length === 0) {
    const reason =
      unknown.length > 0 ? `: ${unknown.join('; ')}` : ', because disallowedTools takes all of them away';
    report.fail(
      tools.place,
      `the tools of "${name}" come to nothing${reason}. Known: ${available.join(', ')}`,
    );
    return names;
  }
  for (const one of found.unknown)
    report.note(tools.place, `the tool ${one.name} is left out: ${one.reason}`);
  return names;
}

function matched(list: NamesAt | null, available: readonly string[]): ReturnType<typeof matchToolNames> {
  return list === null ? { names: [], unknown: [] } : matchToolNames(list.names, available);
}

/** `Agent(reviewer)` → `agent`. */
function baseName(name: string): string {
  return name.replace(/\(.*$/s, '').toLowerCase();
}

/** Tells of tools that no agent asks for. */
export function noteIdleTools(tools: readonly ToolSource[], used: ReadonlySet<string>, report: Report): void {
  for (const { tool, place } of tools) {
    if (!used.has(tool.name))
      report.note(place, `no agent lists the tool ${tool.name}; add it to the tools of one`);
  }
}

/** What of a tool enters the digest: all that an agent can see or that changes what a call does. */
export function toolIdentity({
  name,
  purpose,
  inputSchema,
  effect,
  replay,
  overlaps,
  version,
}: Tool): string {
  return hashJson({ name, purpose, inputSchema, effect, replay, overlaps: overlaps ?? false, version });
}
