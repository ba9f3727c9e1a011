import { didYouMean } from '../settings/closest.ts';
import type { Report } from '../settings/report.ts';
import type { Pattern } from '../team.ts';
import { agentNameRule, isAgentName, nearestAgentName } from './agent-name.ts';
import { leadPrompt } from './lead-prompt.ts';
import type { AgentSource, TeamSource } from './team-source.ts';

/** Who coordinates and who works. */
export interface Cast {
  readonly pattern: Pattern;
  readonly lead: AgentSource | null;
  /** In the order of the settings' entries, then by name. */
  readonly members: readonly AgentSource[];
}

const leadName = 'lead';

/** Decides who leads a team, and by which pattern it works. */
export function castTeam(source: TeamSource, report: Report): Cast {
  const agents = distinctAgents(source, report);
  const lead = chooseLead(agents, source, report);
  const members = agents.filter((agent) => agent.name !== lead?.name);
  checkEntries({ agents, lead }, source, report);
  noteMemberNamedLead(members, source, report);
  const rank = new Map(Object.keys(source.settings.agents ?? {}).map((name, position) => [name, position]));
  return {
    pattern: members.length === 1 && lead === null ? 'pipeline' : (source.settings.pattern ?? 'supervisor'),
    lead,
    members: members.toSorted(
      (a, b) =>
        (rank.get(a.name) ?? rank.size) - (rank.get(b.name) ?? rank.size) || (a.name < b.name ? -1 : 1),
    ),
  };
}

function distinctAgents({ agents }: TeamSource, report: Report): readonly AgentSource[] {
  const byName = new Map<string, AgentSource>();
  for (const agent of agents) {
    const earlier = byName.get(agent.name);
    if (earlier === undefined) {
      byName.set(agent.name, agent);
      if (!isAgentName(agent.name)) report.fail(agent.place, refusedName(agent.name));
    } else {
      const { file, line } = earlier.place;
      const where = line === undefined ? file : `${file}:${line}`;
      report.fail(
        agent.place,
        `the name "${agent.name}" is taken by ${where}; give one of the two another name`,
      );
    }
  }
  return [...byName.values()];
}

function refusedName(name: string): string {
  const better = nearestAgentName(name);
  const instead = better === '' ? '' : `; write name: ${better}`;
  return `"${name}" cannot name an agent: ${agentNameRule}${instead}`;
}

function chooseLead(agents: readonly AgentSource[], source: TeamSource, report: Report): AgentSource | null {
  const { settings, placeOf } = source;
  const { lead, pattern = 'supervisor' } = settings;
  if (lead !== undefined) return namedLead(lead, agents, { source, report });
  if (pattern !== 'supervisor') return null;
  if (agents.length > 1) return agents.find(({ name }) => name === leadName) ?? builtInLead();
  if (settings.pattern === 'supervisor') {
    report.note(placeOf(['pattern']), 'one agent alone needs no lead: it runs directly');
  }
  return null;
}

function namedLead(
  lead: string,
  agents: readonly AgentSource[],
  { source, report }: { readonly source: TeamSource; readonly report: Report },
): AgentSource | null {
  const { settings, placeOf } = source;
  const place = placeOf(['lead']);
  const { pattern = 'supervisor' } = settings;
  if (pattern !== 'supervisor') {
    report.fail(
      place,
      `lead is "${lead}", but code runs a ${pattern}; remove lead, or write pattern: supervisor`,
    );
  }
  const found = agents.find(({ name }) => name === lead);
  const names = agents.map(({ name }) => name);
  if (found === undefined) {
    report.fail(
      place,
      `lead is "${lead}", but no agent has that name.${didYouMean(lead, names) || ` Agents: ${names.join(', ')}.`}`,
    );
    return null;
  }
  if (agents.length > 1) return found;
  report.fail(
    place,
    `lead is "${lead}", the only agent, and would have nobody to coordinate; remove lead, or add agents`,
  );
  return null;
}

/** Entries must be of agents that exist, and a lead's must not give it work of its own. */
function checkEntries(
  { agents, lead }: { readonly agents: readonly AgentSource[]; readonly lead: AgentSource | null },
  { settings, placeOf }: TeamSource,
  report: Report,
): void {
  const names = [...new Set([...agents.map(({ name }) => name), ...(lead === null ? [] : [lead.name])])];
  for (const [name, entry] of Object.entries(settings.agents ?? {})) {
    if (!names.includes(name)) {
      const hint = didYouMean(name, names) || ` Agents: ${names.join(', ')}.`;
      report.fail(placeOf(['agents', name]), `agents.${name}: no agent has that name.${hint}`);
    }
    if (name !== lead?.name) continue;
    for (const field of ['reads', 'writes', 'when', 'last', 'output'] as const) {
      if (entry[field] === undefined) continue;
      report.fail(
        placeOf(['agents', name, field]),
        `agents.${name}.${field}: a lead coordinates and owns no files; remove ${field}, or give the work to a member`,
      );
    }
  }
}

function noteMemberNamedLead(members: readonly AgentSource[], source: TeamSource, report: Report): void {
  const found = members.find(({ name }) => name === leadName);
  if (found === undefined || members.length === 1) return;
  const { lead, pattern } = source.settings;
  const reason =
    lead === undefined ? `in a ${pattern ?? 'code-run'} code decides what runs next` : `the lead is ${lead}`;
  report.note(found.place, `"${leadName}" is an ordinary member here, because ${reason}`);
}

function builtInLead(): AgentSource {
  const place = { file: 'built-in lead' };
  return {
    name: leadName,
    place,
    description: 'Coordinates the members by the plan.',
    prompt: { text: leadPrompt, source: place },
    skills: [],
    tools: null,
    withoutTools: null,
    model: null,
    effort: null,
    turnsMax: null,
  };
}
