import type { AgentLimits } from '../../agent/index.ts';
import type { JsonSchema, Place, Tool } from '../../core/index.ts';
import { checkPath, checkRule } from '../../workspace/index.ts';
import { type Condition, parseCondition } from '../condition.ts';
import type { SettingPath } from '../settings/check-settings.ts';
import { checkSchema } from '../settings/json-schema.ts';
import type { Report } from '../settings/report.ts';
import type { AgentSettings } from '../settings/team-settings.ts';
import {
  type AgentDefinition,
  defaultCompactAt,
  defaultLeadLimits,
  defaultLimits,
  type LeadDefinition,
  type RoleDefinition,
  type TeamInput,
} from '../team.ts';
import { briefPath } from './build-input.ts';
import { defaultModel, type ModelNames } from './build-models.ts';
import { buildTools } from './build-tools.ts';
import { checkCondition } from './check-condition.ts';
import type { AgentSource, TeamSource } from './team-source.ts';

/** What every agent of a team is built with. */
export interface TeamParts {
  readonly source: TeamSource;
  readonly input: TeamInput;
  readonly models: ModelNames;
  readonly pool: ReadonlyMap<string, Tool>;
  readonly report: Report;
}

/** A member, and where its claims on files stand. */
export interface PlacedMember {
  readonly agent: AgentDefinition;
  readonly reads: readonly { readonly rule: string; readonly place: Place }[];
  readonly writesPlace: Place;
  readonly lastPlace: Place;
}

/** Builds the agent that coordinates. It may work longer, as it waits for its members. */
export function buildLead(lead: AgentSource, parts: TeamParts): LeadDefinition {
  const role = buildRole(lead, defaultLeadLimits, parts);
  if (role.moreSkills.length === 0) return role;
  const names = role.moreSkills.map(({ name }) => name).join(', ');
  parts.report.note(
    lead.place,
    `a lead cannot open files: of its skills ${names} is left out; put one into its prompt`,
  );
  return { ...role, moreSkills: [] };
}

function buildRole(agent: AgentSource, defaults: AgentLimits, parts: TeamParts): RoleDefinition {
  const { report } = parts;
  const entry = entryOf(agent, parts);
  const description = (entry.description ?? agent.description ?? '').trim();
  if (description === '') {
    report.note(agent.place, `"${agent.name}" has no description; say in one line what it is for`);
  }
  if (agent.prompt.text === '') {
    report.fail(
      agent.prompt.source,
      `"${agent.name}" has no prompt; write below the frontmatter what it should do`,
    );
  }
  const [skill = null, ...moreSkills] = agent.skills;
  return {
    name: agent.name,
    description,
    prompt: agent.prompt,
    skill,
    moreSkills,
    model: modelOf(agent, entry, parts),
    effort: entry.effort ?? agent.effort,
    thinkingTokensMax: entry.thinkingTokens ?? null,
    compactAt: entry.compactAt ?? defaultCompactAt,
    limits: limitsOf(agent, entry, defaults),
  };
}

/** Builds a member: a role with files and tools. */
export function buildMember(agent: AgentSource, parts: TeamParts): PlacedMember {
  const entry = entryOf(agent, parts);
  const at = (...path: SettingPath) => parts.source.placeOf(['agents', agent.name, ...path]);
  const fieldPlace = (field: keyof AgentSettings) => (entry[field] === undefined ? agent.place : at(field));
  const output = outputOf(entry, at('output'), parts.report);
  const reads = readsOf(entry, at, parts.report);
  const readsInputs = entry.reads === undefined;
  const needs = { reads: readsInputs || reads.length > 0, writesFile: output === null };
  return {
    agent: {
      ...buildRole(agent, defaultLimits, parts),
      tools: buildTools(agent, needs, {
        pool: parts.pool,
        whole: parts.source.toolsWhole,
        report: parts.report,
      }),
      reads: [...new Set(reads.map(({ rule }) => rule))],
      readsInputs,
      writes: writesOf(agent, { entry, json: output !== null, place: at('writes'), report: parts.report }),
      output,
      when: whenOf(entry, at('when'), parts),
      last: entry.last ?? false,
    },
    reads,
    writesPlace: fieldPlace('writes'),
    lastPlace: fieldPlace('last'),
  };
}

function entryOf(agent: AgentSource, { source }: TeamParts): AgentSettings {
  const entries = source.settings.agents ?? {};
  return Object.hasOwn(entries, agent.name) ? (entries[agent.name] ?? {}) : {};
}

function modelOf(agent: AgentSource, entry: AgentSettings, { source, models, report }: TeamParts): string {
  const written =
    entry.model === undefined
      ? agent.model
      : { text: entry.model, place: source.placeOf(['agents', agent.name, 'model']) };
  if (written === null) return defaultModel;
  const found = models.find(written.text);
  if (found.ok) return found.value;
  // An alias whose settings were wrong themselves is not unknown.
  if (source.whole) report.fail(written.place, `the model of "${agent.name}": ${found.failure.message}`);
  return defaultModel;
}

function limitsOf(agent: AgentSource, { limits = {} }: AgentSettings, defaults: AgentLimits): AgentLimits {
  return {
    turnsMax: limits.turns ?? agent.turnsMax ?? defaults.turnsMax,
    toolCallsMax: limits.toolCalls ?? defaults.toolCallsMax,
    outputTokensMax: limits.outputTokens ?? defaults.outputTokensMax,
    wallMsMax: limits.seconds === undefined ? defaults.wallMsMax : limits.seconds * 1000,
  };
}

function outputOf({ output }: AgentSettings, place: Place, report: Report): JsonSchema | null {
  // A path is replaced by what the file holds before this; one that is left has been reported.
  if (output === undefined || typeof output === 'string') return null;
  const schema = checkSchema(output as JsonSchema);
  if (!schema.ok) {
    report.fail(place, `output: ${schema.failure.message}`);
    return null;
  }
  if (schema.value.type === 'object') return schema.value;
  report.fail(
    place,
    'output must describe an object (type: object with properties), as models answer with one',
  );
  return null;
}

function readsOf(
  { reads }: AgentSettings,
  at: (...path: SettingPath) => Place,
  report: Report,
): PlacedMember['reads'] {
  if (reads === undefined) return [{ rule: briefPath, place: at() }];
  return reads.flatMap((written, position) => {
    const place = at('reads', position);
    const rule = checkRule(written);
    if (rule.ok) return [{ rule: rule.value, place }];
    report.fail(place, `reads "${written}": ${rule.failure.message}`);
    return [];
  });
}

function writesOf(
  agent: AgentSource,
  options: {
    readonly entry: AgentSettings;
    readonly json: boolean;
    readonly place: Place;
    readonly report: Report;
  },
): string {
  const { entry, json, place, report } = options;
  const usual = `${agent.name}.${json ? 'json' : 'md'}`;
  const { writes } = entry;
  if (writes === undefined) return usual;
  if (isPattern(writes)) {
    report.fail(
      place,
      `writes is "${writes}", but an agent owes one file; write its whole path, such as ${usual}`,
    );
    return usual;
  }
  const path = checkPath(writes);
  if (path.ok) return path.value;
  report.fail(place, `writes "${writes}": ${path.failure.message}`);
  return usual;
}

/** Says whether a rule means several files: a folder or a glob. */
export function isPattern(rule: string): boolean {
  return rule.endsWith('/') || /[*?[\]{}]/.test(rule);
}

function whenOf({ when }: AgentSettings, place: Place, parts: TeamParts): Condition | null {
  if (when === undefined) return null;
  const condition = parseCondition(when);
  if (!condition.ok) {
    parts.report.fail(place, `when is "${when}": ${condition.failure.message}`);
    return null;
  }
  // Parameters that were wrong themselves are not unknown.
  if (!parts.source.whole) return condition.value;
  for (const mistake of checkCondition(condition.value, parts.input.params)) {
    parts.report.fail(place, `when is "${when}": ${mistake}`);
  }
  return condition.value;
}
