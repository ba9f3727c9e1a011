import { join } from 'node:path';
import type { LoadedSkills, Skill } from '../../skills/index.ts';
import type { AgentSource } from '../build/team-source.ts';
import { didYouMean } from '../settings/closest.ts';
import type { Report } from '../settings/report.ts';
import { type AgentFile, readAgent } from './read-agent.ts';
import { entryType, listNames, readTeamFile } from './read-team-file.ts';

/** Names an agents folder may hold beside agents. */
const otherFiles: readonly string[] = Object.freeze(['readme.md', 'agents.md', 'claude.md']);

/** Folders in folders: more is a loop of symlinks, or no folder of agents. */
const depthMax = 4;

/** Lists the agents' files of a folder and of those in it. By path in the team folder; null when it is not there. */
export async function listAgentFiles(
  root: string,
  folder: string,
  depth = 1,
): Promise<readonly string[] | null> {
  const names = await listNames(root, folder);
  if (names === null) return null;
  const files: string[] = [];
  for (const name of names) {
    const path = `${folder}/${name}`;
    if (name.startsWith('.') || otherFiles.includes(name.toLowerCase())) continue;
    if (/\.md$/i.test(name)) files.push(path);
    else if (depth < depthMax && (await entryType(join(root, path))) === 'folder') {
      files.push(...((await listAgentFiles(root, path, depth + 1)) ?? []));
    }
  }
  return files;
}

/** Reads the agents of a team folder. What is wrong is reported; an agent always comes of a file that is text. */
export async function loadAgents(
  root: string,
  files: readonly string[],
  report: Report,
): Promise<readonly AgentFile[]> {
  const agents: AgentFile[] = [];
  for (const path of files) {
    const file = await readTeamFile(root, path);
    if (file.type === 'text') agents.push(await readAgent(file.text, path, report));
    else if (file.type === 'refused')
      report.fail({ file: path }, `this agent cannot be read: ${file.reason}`);
  }
  return agents;
}

/** Gives each agent its skills: those it names, else the one of its own name. Tells of those nobody loads. */
export function giveSkills(
  agents: readonly AgentFile[],
  loaded: LoadedSkills,
  report: Report,
): readonly AgentSource[] {
  const given = agents.map((agent): AgentSource => {
    const { skillNames: _, ...rest } = agent;
    return { ...rest, skills: skillsOf(agent, loaded, report) };
  });
  const used = new Set(given.flatMap(({ skills }) => skills.map(({ name }) => name)));
  for (const { name, source } of loaded.skills) {
    if (!used.has(name))
      report.note({ file: source.file }, `no agent loads the skill ${name}; name it in the skills of one`);
  }
  return given;
}

function skillsOf({ name, skillNames }: AgentFile, loaded: LoadedSkills, report: Report): readonly Skill[] {
  if (skillNames === null) return loaded.skills.filter((skill) => skill.name === name);
  return [...new Set(skillNames.names)].flatMap((wanted) => {
    const found = loaded.skills.find((skill) => skill.name === wanted);
    if (found !== undefined) return [found];
    report.fail(skillNames.place, missingSkill(wanted, loaded));
    return [];
  });
}

function missingSkill(wanted: string, { skills, skipped }: LoadedSkills): string {
  const broken = skipped.find(({ name }) => name === wanted);
  if (broken !== undefined)
    return `the skill "${wanted}" cannot be used: ${broken.place.file}: ${broken.reason}`;
  const names = skills.map(({ name }) => name);
  const known = names.length > 0 ? ` Skills: ${names.join(', ')}.` : '';
  return `the skill "${wanted}" is not there; create skills/${wanted}/SKILL.md.${didYouMean(wanted, names) || known}`;
}
