import type { z } from 'zod';
import { InspanError, type Json, type Place, type Tool } from '../core/index.ts';
import type { Skill } from '../skills/index.ts';
import { buildTeam } from './build/build-team.ts';
import type { AgentSource, TeamOptions, TeamSource, ToolSource } from './build/team-source.ts';
import { checkSettings, type PlaceOf, settingName } from './settings/check-settings.ts';
import { schemaOfZod } from './settings/json-schema.ts';
import { createReport, type Report } from './settings/report.ts';
import type { Pattern, Team } from './team.ts';
import type {
  AgentsWriting,
  AgentWriting,
  LeadWriting,
  ParamsWriting,
  ShapeOf,
  TeamWriting,
} from './team-shape.ts';

/**
 * Writes a team in TypeScript: the same data, and the same digest, as the folder that says the same.
 * Throws `InspanError` with everything that keeps it from being a team; places are paths in the definition.
 */
export function defineTeam<
  const Agents extends AgentsWriting,
  const Params extends ParamsWriting = ParamsWriting,
  const Result extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
  const Lead extends (keyof Agents & string) | LeadWriting = never,
  const Way extends Pattern = 'supervisor',
>(
  definition: TeamWriting<Agents, Params, Result, Lead, Way>,
  options: TeamOptions = {},
): Team<ShapeOf<Agents, Params, Result, Lead, Way>> {
  const report = createReport();
  const built = buildTeam(sourceOf(definition, report), options, report);
  if (!built.ok) throw new InspanError(built.failures);
  return built.team as Team<ShapeOf<Agents, Params, Result, Lead, Way>>;
}

const inlineLead = 'lead';

/** What is an agent's own; all else of its entry is what `team.yaml` says of it in a folder. */
const ownFields: readonly string[] = Object.freeze(['prompt', 'skill', 'skills', 'tools', 'disallowedTools']);

const placeOf: PlaceOf = (path) => ({ file: settingName(path) || 'the definition' });

function sourceOf(definition: TeamWriting, report: Report): TeamSource {
  const { agents, lead, memory } = definition;
  const written = Object.entries(agents).map(([name, agent]) => agentSource(name, agent, ['agents', name]));
  const leads = isWriting(lead) ? [agentSource(inlineLead, lead, ['lead'])] : [];
  const checked = checkSettings(settingsOf(definition, report), placeOf, report);
  return {
    ...checked,
    placeOf,
    name: checked.settings.name ?? 'team',
    memory: textOrNull(memory),
    agents: [...written, ...leads],
    tools: toolsOf(agents),
    toolsWhole: true,
    requiredParams: requiredParams(definition.input?.params ?? {}),
  };
}

function isWriting(lead: string | LeadWriting | undefined): lead is LeadWriting {
  return typeof lead === 'object';
}

function textOrNull(text: string | undefined): TeamSource['memory'] {
  const trimmed = tidyText(text ?? '');
  return trimmed === '' ? null : { text: trimmed, source: { file: 'memory' } };
}

/** Writes a text as files are read: line feeds only, no blank lines around. */
export function tidyText(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').trim();
}

function agentSource(name: string, agent: AgentWriting, path: readonly string[]): AgentSource {
  const at = (...more: readonly string[]): Place => placeOf([...path, ...more]);
  const { prompt, skill, skills = [], tools, disallowedTools } = agent;
  const all: readonly Skill[] = skill === undefined ? skills : [skill, ...skills];
  return {
    name,
    place: at(),
    description: agent.description ?? null,
    prompt: { text: tidyText(prompt ?? ''), source: at('prompt') },
    skills: [...new Map(all.map((one) => [one.name, one])).values()],
    tools: tools === undefined ? null : { names: tools.map(toolName), place: at('tools') },
    withoutTools:
      disallowedTools === undefined ? null : { names: disallowedTools, place: at('disallowedTools') },
    model: agent.model === undefined ? null : { text: agent.model, place: at('model') },
    effort: agent.effort ?? null,
    turnsMax: null,
  };
}

function toolName(tool: string | Tool): string {
  return typeof tool === 'string' ? tool : tool.name;
}

function toolsOf(agents: AgentsWriting): readonly ToolSource[] {
  const seen = new Set<Tool>();
  return Object.entries(agents).flatMap(([name, { tools = [] }]) =>
    tools.flatMap((tool, position): ToolSource[] => {
      if (typeof tool === 'string' || seen.has(tool)) return [];
      seen.add(tool);
      return [{ tool, place: placeOf(['agents', name, 'tools', position]) }];
    }),
  );
}

/** The definition as `team.yaml` would say it. */
function settingsOf(definition: TeamWriting, report: Report): unknown {
  const { agents, lead, memory: _, input, ...rest } = definition;
  const entries = Object.entries(agents).map(([name, agent]): [string, unknown] => [
    name,
    entryOf(name, agent, report),
  ]);
  if (isWriting(lead)) entries.push([inlineLead, entryOf(inlineLead, lead, report)]);
  const params = input?.params === undefined ? {} : { params: paramSchemas(input.params, report) };
  return {
    ...rest,
    ...(lead === undefined ? {} : { lead: isWriting(lead) ? inlineLead : lead }),
    ...(input === undefined ? {} : { input: { ...input, ...params } }),
    agents: Object.fromEntries(entries),
  };
}

function entryOf(name: string, agent: AgentWriting, report: Report): Readonly<Record<string, unknown>> {
  const entry = Object.fromEntries(
    Object.entries(agent).filter(([field, value]) => !ownFields.includes(field) && value !== undefined),
  );
  if (!isZod(agent.output)) return entry;
  const schema = schemaOfZod(agent.output, 'output');
  if (schema.ok) return { ...entry, output: schema.value };
  report.fail(placeOf(['agents', name, 'output']), schema.failure.message);
  return { ...entry, output: { type: 'object' } };
}

function paramSchemas(params: ParamsWriting, report: Report): Readonly<Record<string, unknown>> {
  const entries = Object.entries(params).map(([name, param]): [string, Json] => {
    if (!isZod(param)) return [name, param];
    const schema = schemaOfZod(param, 'input');
    if (schema.ok) return [name, schema.value];
    report.fail(placeOf(['input', 'params', name]), schema.failure.message);
    return [name, {}];
  });
  return Object.fromEntries(entries);
}

/** A zod schema says by itself whether it must be given. */
function requiredParams(params: ParamsWriting): readonly string[] {
  return Object.entries(params).flatMap(([name, param]) =>
    isZod(param) && !param.safeParse(undefined).success ? [name] : [],
  );
}

function isZod(schema: unknown): schema is z.ZodType {
  return typeof schema === 'object' && schema !== null && '_zod' in schema;
}
