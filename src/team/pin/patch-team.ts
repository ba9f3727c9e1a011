import { fail, type JobPatch, ok, type Result } from '../../core/index.ts';
import { openSkillFileTool, type Skill, skill } from '../../skills/index.ts';
import { digestTeam } from '../build/digest-team.ts';
import { tidyText } from '../define-team.ts';
import type { AgentDefinition, RoleDefinition, Team } from '../team.ts';

/**
 * Gives agents other prompts and skills other texts: another team, with a digest of its own.
 * Fails with `wrong-input` for a name that the team does not have and for an empty text. A patch's model is no
 * matter of the definition: whoever chooses models honours it.
 */
export function patchTeam(team: Team, { prompts = {}, skills = {} }: JobPatch): Result<Team> {
  const roles = [...(team.lead === null ? [] : [team.lead]), ...team.members];
  const agents = roles.map(({ name }) => name);
  const owned = [...new Set(roles.flatMap(skillsOf).map(({ name }) => name))];
  const problem = wrongTexts('agent', prompts, agents) ?? wrongTexts('skill', skills, owned);
  if (problem !== null) return fail('wrong-input', problem);
  const lead = team.lead === null ? null : patchRole(team.lead, { prompts, skills });
  const members = team.members.map((member) => patchMember(member, { prompts, skills }));
  const patched = { ...team, lead, members };
  return ok({ ...patched, digest: digestTeam(patched) });
}

type Texts = Readonly<Record<string, string>>;

function skillsOf({ skill: inPrompt, moreSkills }: RoleDefinition): readonly Skill[] {
  return inPrompt === null ? moreSkills : [inPrompt, ...moreSkills];
}

function wrongTexts(what: 'agent' | 'skill', texts: Texts, known: readonly string[]): string | null {
  const unknown = Object.keys(texts).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const list = known.length === 0 ? `has no ${what}s` : `has: ${known.join(', ')}`;
    return `The team has no ${what} ${unknown.join(', ')}; it ${list}.`;
  }
  const empty = Object.keys(texts).filter((name) => tidyText(texts[name] ?? '') === '');
  return empty.length === 0 ? null : `The new text of ${what} ${empty.join(', ')} is empty.`;
}

interface NewTexts {
  readonly prompts: Texts;
  readonly skills: Texts;
}

function patchRole<Role extends RoleDefinition>(role: Role, { prompts, skills }: NewTexts): Role {
  const prompt = own(prompts, role.name);
  const source = { file: `patch.prompts.${role.name}` };
  return {
    ...role,
    prompt: prompt === null ? role.prompt : { text: tidyText(prompt), source },
    skill: role.skill === null ? null : patchSkill(role.skill, skills),
    moreSkills: role.moreSkills.map((one) => patchSkill(one, skills)),
  };
}

/** What opens the files of skills holds their texts, so it is made anew. */
function patchMember(member: AgentDefinition, texts: NewTexts): AgentDefinition {
  const patched = patchRole(member, texts);
  const opener = openSkillFileTool({ inPrompt: patched.skill, more: patched.moreSkills });
  const tools = patched.tools.map((tool) => (tool.name === opener?.name ? opener : tool));
  return { ...patched, tools };
}

function patchSkill(before: Skill, skills: Texts): Skill {
  const body = own(skills, before.name);
  if (body === null) return before;
  const { name, description, files } = before;
  return skill({
    name,
    description,
    body,
    files: Object.fromEntries(files.map(({ path, text }) => [path, text])),
  });
}

function own(texts: Texts, name: string): string | null {
  return Object.hasOwn(texts, name) ? (texts[name] ?? null) : null;
}
