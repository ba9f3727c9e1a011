import { ruleMatches } from '../../workspace/index.ts';
import { holds } from '../condition.ts';
import type { AgentDefinition, Team } from '../team.ts';

/** Who works for one brief, in which order; made by code from what the members declare. */
export interface Plan {
  /** Members the brief asks for, each after those whose artifacts it reads. */
  readonly asked: readonly AgentDefinition[];
  /** Members whose `when` the brief does not fulfil. */
  readonly skipped: readonly AgentDefinition[];
  /** Member → the asked-for members that must be done before it starts. */
  readonly providers: ReadonlyMap<string, readonly AgentDefinition[]>;
  /** Names in steps: those of one step do not wait for each other. */
  readonly steps: readonly (readonly string[])[];
}

/** Plans a brief. A verifying member (`last`) waits for everyone who does not verify. */
export function planOf(team: Team, params: Readonly<Record<string, unknown>>): Plan {
  const isAsked = ({ when }: AgentDefinition): boolean => when === null || holds(when, params);
  const asked = team.members.filter(isAsked);
  const providers = new Map(asked.map((member) => [member.name, providersOf(member, asked)]));
  return {
    asked,
    skipped: team.members.filter((member) => !isAsked(member)),
    providers,
    steps: stepsOf(asked, providers),
  };
}

function providersOf(member: AgentDefinition, asked: readonly AgentDefinition[]): readonly AgentDefinition[] {
  return asked.filter((other) => {
    if (other.name === member.name) return false;
    const isRead = member.reads.some((rule) => ruleMatches(rule, other.writes));
    return isRead || (member.last && !other.last);
  });
}

function stepsOf(
  asked: readonly AgentDefinition[],
  providers: ReadonlyMap<string, readonly AgentDefinition[]>,
): readonly (readonly string[])[] {
  const depths = new Map<string, number>();
  // Members come in an order in which providers stand before their readers, so one pass is enough.
  for (const { name } of asked) {
    const before = (providers.get(name) ?? []).map((provider) => depths.get(provider.name) ?? 0);
    depths.set(name, Math.max(0, ...before) + 1);
  }
  const steps: string[][] = [];
  for (const { name } of asked) {
    const depth = depths.get(name) ?? 1;
    while (steps.length < depth) steps.push([]);
    steps[depth - 1]?.push(name);
  }
  return steps;
}
