import { basename, join, resolve } from 'node:path';
import { failure, isJsonObject, type JsonSchema, type Place } from '../../core/index.ts';
import { loadSkills } from '../../skills/index.ts';
import { loadToolFiles } from '../../tools/index.ts';
import { buildTeam } from '../build/build-team.ts';
import type { TeamOptions, TeamResult, TeamSource } from '../build/team-source.ts';
import { createReport, type Report } from '../settings/report.ts';
import type { AgentSettings } from '../settings/team-settings.ts';
import { giveSkills, listAgentFiles, loadAgents } from './load-agents.ts';
import { entryType, listNames, readTeamFile } from './read-team-file.ts';
import { loadMemory } from './team-memory.ts';
import { noSettings, type PlacedSettings, parseTeamYaml } from './team-yaml.ts';

/**
 * Loads a team from its folder, or says everything that keeps it from being one.
 * Places name files relative to the folder. Imports the folder's `tools/`, which **runs their code**: load only
 * folders you trust.
 */
export async function loadTeam(directory: string, options: TeamOptions = {}): Promise<TeamResult> {
  const layout = await findLayout(directory);
  if (layout.type === 'none') return { ok: false, failures: [failure('wrong-team', layout.problem)] };
  const report = createReport();
  const settings = await loadSettings(directory, report);
  const memory = await loadMemory(directory, report);
  const agents = await loadAgents(directory, layout.agentFiles, report);
  const skills = await loadSkills(join(directory, layout.skillsFolder), { name: layout.skillsFolder });
  const tools = await loadToolFiles(join(directory, 'tools'), { name: 'tools' });
  report.add(skills);
  report.add(tools);
  const files = (await listNames(directory, 'tools')) ?? [];
  const source: TeamSource = {
    ...settings,
    name: settings.settings.name ?? basename(resolve(directory)),
    memory,
    agents: giveSkills(agents, skills, report),
    tools: tools.tools.map((tool) => ({ tool, place: { file: toolFile(tool.name, files) } })),
    toolsWhole: tools.failures.length === 0,
    requiredParams: [],
  };
  return buildTeam(source, options, report);
}

type Layout =
  | { readonly type: 'team'; readonly agentFiles: readonly string[]; readonly skillsFolder: string }
  | { readonly type: 'none'; readonly problem: string };

const whatATeamIs = 'A team is a folder with agents/*.md in it, one file an agent';

async function findLayout(directory: string): Promise<Layout> {
  const none = (problem: string, make: string): Layout => ({
    type: 'none',
    problem: `${problem}. ${whatATeamIs}; make one with: inspan init ${make}`,
  });
  if ((await entryType(directory)) !== 'folder') {
    const beside = `${directory.replace(/\.[^./]*$/, '')}-team`;
    const taken = (await entryType(directory)) === 'file';
    return none(taken ? `${directory} is a file` : `${directory} is not there`, taken ? beside : directory);
  }
  const own = await listAgentFiles(directory, 'agents');
  const agentFiles = own ?? (await listAgentFiles(directory, '.claude/agents'));
  if (agentFiles === null) return none(`${directory} has no folder agents/`, directory);
  const folder = own === null ? '.claude/agents' : 'agents';
  if (agentFiles.length === 0) return none(`${join(directory, folder)} has no agent in it`, directory);
  const claudeSkills = own === null && (await entryType(join(directory, 'skills'))) !== 'folder';
  return { type: 'team', agentFiles, skillsFolder: claudeSkills ? '.claude/skills' : 'skills' };
}

async function loadSettings(directory: string, report: Report): Promise<PlacedSettings> {
  const [file, other] = ['team.yaml', 'team.yml'];
  const [long, short] = [await readTeamFile(directory, file), await readTeamFile(directory, other)];
  if (long.type !== 'missing' && short.type !== 'missing') {
    report.fail({ file: other }, `${file} is there, too; keep one of the two`);
  }
  const [name, found] = long.type === 'missing' ? [other, short] : [file, long];
  if (found.type === 'refused') report.fail({ file: name }, `the settings cannot be read: ${found.reason}`);
  if (found.type !== 'text') return { ...noSettings(name), whole: found.type === 'missing' };
  return withOutputFiles(directory, await parseTeamYaml(found.text, name, report), report);
}

/** Puts the schemas that settings name by path in the paths' stead. */
async function withOutputFiles(
  directory: string,
  placed: PlacedSettings,
  report: Report,
): Promise<PlacedSettings> {
  const { settings, placeOf } = placed;
  if (settings.agents === undefined) return placed;
  const agents: [string, AgentSettings][] = [];
  for (const [name, entry] of Object.entries(settings.agents)) {
    const { output, ...rest } = entry;
    if (typeof output !== 'string') {
      agents.push([name, entry]);
      continue;
    }
    const schema = await readOutputFile(
      { directory, path: output, place: placeOf(['agents', name, 'output']) },
      report,
    );
    // An empty schema keeps the agent one that answers in JSON, so that nothing else is called wrong.
    agents.push([name, { ...rest, output: schema ?? { type: 'object' } }]);
  }
  return { ...placed, settings: { ...settings, agents: Object.fromEntries(agents) } };
}

interface OutputFile {
  readonly directory: string;
  readonly path: string;
  readonly place: Place;
}

async function readOutputFile(
  { directory, path, place }: OutputFile,
  report: Report,
): Promise<JsonSchema | null> {
  if (!path.toLowerCase().endsWith('.json')) {
    report.fail(
      place,
      `output is "${path}"; expected a JSON Schema, or the path of a .json file in the team folder`,
    );
    return null;
  }
  const file = await readTeamFile(directory, path);
  if (file.type !== 'text') {
    const reason = file.type === 'missing' ? 'it is not there; create it, or correct the path' : file.reason;
    report.fail(place, `output is "${path}": ${reason}`);
    return null;
  }
  try {
    const value: unknown = JSON.parse(file.text);
    if (isJsonObject(value)) return value;
    report.fail(
      { file: path, line: 1 },
      'this is no JSON Schema; write an object with type: object and properties',
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const line = Number(/line (\d+)/.exec(error.message)?.[1] ?? 1);
    report.fail({ file: path, line }, `this is not valid JSON: ${error.message}`);
  }
  return null;
}

function toolFile(name: string, files: readonly string[]): string {
  const file = files.find((one) => one.replace(/\..*$/, '').replaceAll('-', '_') === name);
  return file === undefined ? 'tools' : `tools/${file}`;
}
