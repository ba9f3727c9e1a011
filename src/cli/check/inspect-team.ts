import { chainOf, refusedThinking } from '../../choose-models.ts';
import { lintStatic, type StaticFinding, type TokenBill, tokenBill } from '../../context/index.ts';
import type { CountTokens, Place } from '../../core/index.ts';
import { cachePrefixTokensMin, tokenFactor } from '../../models/index.ts';
import {
  type AgentDefinition,
  type CompiledRole,
  type CompiledTeam,
  compileTeam,
  type RoleDefinition,
  type Team,
} from '../../team/index.ts';
import { count } from '../show/wording.ts';
import { whenText } from './when-text.ts';

/** What `inspan check` finds out about a team that can run. */
export interface Inspection {
  readonly team: string;
  readonly pattern: Team['pattern'];
  readonly lead: string | null;
  readonly digest: string;
  readonly agents: readonly AgentInspection[];
  /** What a person should mend. */
  readonly warnings: readonly Finding[];
  /** What a person may want to know. */
  readonly notes: readonly Finding[];
}

/** Something worth a line, and where. */
export interface Finding {
  readonly message: string;
  readonly place?: Place;
}

/** One agent as it will be run. */
export interface AgentInspection {
  readonly name: string;
  readonly role: 'lead' | 'member';
  /** The name the agent asks for: an alias or an id. */
  readonly model: string;
  /** Ids behind it, tried in order; empty where whoever runs the team decides. */
  readonly chain: readonly string[];
  readonly tools: readonly string[];
  readonly reads: readonly string[];
  /** True when it also reads whatever files the brief brings. */
  readonly readsInputs: boolean;
  /** Null for a lead. */
  readonly writes: string | null;
  readonly when: string | null;
  readonly last: boolean;
  /** Its static part, in tokens counted here. */
  readonly tokens: TokenBill;
  /** The same as its provider counts it; null where nobody was asked. */
  readonly exactTokens: number | null;
}

/** What an inspection needs from outside. */
export interface InspectionParts {
  readonly countTokens: CountTokens;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Looks a team over: what each agent costs before it has read anything, and what would break its prompt cache. */
export function inspectTeam(team: Team, { countTokens, environment }: InspectionParts): Inspection {
  const compiled = compileTeam(team);
  const agents = castOf(compiled).map(({ role, definition }) =>
    inspectAgent(role, definition, { team, countTokens }),
  );
  return {
    team: team.name,
    pattern: team.pattern,
    lead: team.lead?.name ?? null,
    digest: team.digest,
    agents,
    warnings: [...team.notices, ...thinkingWarnings(team), ...lintTeam(team, environment)],
    notes: agents.flatMap(cacheNote),
  };
}

interface Part {
  readonly role: CompiledRole;
  readonly definition: RoleDefinition | AgentDefinition;
}

function castOf({ team, lead, members }: CompiledTeam): readonly Part[] {
  const leads = lead === null || team.lead === null ? [] : [{ role: lead, definition: team.lead }];
  return [...leads, ...[...members.values()].map(({ role, definition }) => ({ role, definition }))];
}

function inspectAgent(
  role: CompiledRole,
  definition: Part['definition'],
  { team, countTokens }: { readonly team: Team; readonly countTokens: CountTokens },
): AgentInspection {
  const { name, model } = definition;
  const member = 'writes' in definition ? definition : null;
  return {
    name,
    role: member === null ? 'lead' : 'member',
    model,
    chain: chainOf(model, team),
    tools: role.tools.map((tool) => tool.name),
    reads: member?.reads ?? [],
    readsInputs: member?.readsInputs ?? false,
    writes: member?.writes ?? null,
    when: member === null || member.when === null ? null : whenText(member.when),
    last: member?.last ?? false,
    tokens: tokenBill(role.system, role.tools, countTokens),
    exactTokens: null,
  };
}

/** What a run would refuse, unless another model is chosen for it. */
function thinkingWarnings(team: Team): readonly Finding[] {
  const refused = refusedThinking(team);
  return refused === null ? [] : [{ message: refused.message }];
}

/** Looks through every text that stands before the dynamic part, each once. */
function lintTeam(team: Team, environment: InspectionParts['environment']): readonly Finding[] {
  const roles = [...(team.lead === null ? [] : [team.lead]), ...team.members];
  const skills = roles.flatMap(({ skill }) =>
    skill === null ? [] : [{ text: skill.body, source: skill.source }],
  );
  const all = [
    ...(team.memory === null ? [] : [team.memory]),
    ...roles.map(({ prompt }) => prompt),
    ...skills,
  ];
  const once = new Map(all.map((one) => [one.source.file, one]));
  return [...once.values()].flatMap((source) => lintStatic(source, environment).map(findingOf));
}

function findingOf({ kind, value, place }: StaticFinding): Finding {
  const what = kind === 'environment value' ? value : `the ${kind} ${value}`;
  return {
    place,
    message: `${what} stands in text that is sent first in every request: when it changes, no prompt cache holds. Move it to the brief.`,
  };
}

function cacheNote({ name, chain, tokens }: AgentInspection): readonly Finding[] {
  const [model] = chain;
  const tokensMin = model === undefined ? null : cachePrefixTokensMin(model);
  if (model === undefined || tokensMin === null) return [];
  const sent = Math.round(tokens.total * tokenFactor(model));
  if (sent >= tokensMin) return [];
  return [
    {
      message: `${name} has about ${count(sent)} static tokens; ${model} caches from ${count(tokensMin)} on.`,
    },
  ];
}
