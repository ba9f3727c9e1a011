import { hashJson } from '../../core/index.ts';
import type { Skill } from '../../skills/index.ts';
import { type AgentDefinition, defaultCompactAt, type RoleDefinition, type Team } from '../team.ts';
import { toolIdentity } from './build-tools.ts';

/** Names a team by all that decides what its agents see and may do: never by names of places, or its own. */
export function digestTeam(team: Omit<Team, 'digest' | 'name' | 'notices'>): string {
  const { pattern, lead, members, memory, input, models, budgetMicroUsd, result } = team;
  return hashJson({
    pattern,
    lead: lead === null ? null : roleContent(lead),
    members: members.map(memberContent),
    memory: memory === null ? null : memory.text,
    input,
    models,
    budgetMicroUsd,
    result,
  });
}

function memberContent(agent: AgentDefinition): object {
  const { tools, reads, readsInputs, writes, output, when, last } = agent;
  return {
    ...roleContent(agent),
    tools: tools.map(toolIdentity),
    reads,
    readsInputs,
    writes,
    output,
    when,
    last,
  };
}

function roleContent(role: RoleDefinition): object {
  const { name, description, prompt, skill, moreSkills, model, effort, thinkingTokensMax, limits } = role;
  return {
    name,
    description,
    prompt: prompt.text,
    skill: skill === null ? null : skillContent(skill),
    moreSkills: moreSkills.map(skillContent),
    model,
    effort,
    ...(thinkingTokensMax === null ? {} : { thinkingTokensMax }),
    ...(role.compactAt === defaultCompactAt ? {} : { compactAt: role.compactAt }),
    limits,
  };
}

function skillContent({ name, description, body, files }: Skill): object {
  return { name, description, body, files };
}
