import { inFileOrder, type Report } from '../settings/report.ts';
import type { AgentDefinition, Team } from '../team.ts';
import { buildInput } from './build-input.ts';
import { buildModels } from './build-models.ts';
import { buildResult } from './build-result.ts';
import { buildLead, buildMember, type TeamParts } from './build-role.ts';
import { buildToolPool, noteIdleTools, noteLeadTools } from './build-tools.ts';
import { type Cast, castTeam } from './cast-team.ts';
import { checkArtifacts } from './check-artifacts.ts';
import { digestTeam } from './digest-team.ts';
import { orderMembers } from './order-members.ts';
import type { AgentSource, TeamOptions, TeamResult, TeamSource } from './team-source.ts';

/** Makes a team of its source: the last step of every way to write one. */
export function buildTeam(source: TeamSource, options: TeamOptions, report: Report): TeamResult {
  const { resolveModelName = (name: string) => name } = options;
  const cast = castTeam(source, report);
  if (cast.lead !== null) noteLeadTools(cast.lead, report);
  const parts: TeamParts = {
    source,
    input: buildInput(source, report),
    models: buildModels(source, resolveModelName, report),
    pool: buildToolPool(source.tools, report),
    report,
  };
  const members = buildMembers(cast, parts);
  const content = {
    pattern: cast.pattern,
    lead: cast.lead === null ? null : buildLead(cast.lead, parts),
    members,
    memory: source.memory,
    input: parts.input,
    models: parts.models.chains,
    budgetMicroUsd: budgetOf(source, report),
    result: buildResult(source, { members, input: parts.input }, report),
  };
  const used = new Set(members.flatMap(({ tools }) => tools.map(({ name }) => name)));
  noteIdleTools(source.tools, used, report);
  if (report.failures.length > 0) return { ok: false, failures: inFileOrder(report.failures) };
  const team: Team = {
    name: source.name,
    digest: digestTeam(content),
    ...content,
    notices: inFileOrder(report.notices),
  };
  return { ok: true, team };
}

function buildMembers(cast: Cast, parts: TeamParts): readonly AgentDefinition[] {
  const members = cast.members.map((agent) => {
    noteMoreSkills(agent, parts.report);
    return buildMember(agent, parts);
  });
  checkArtifacts(members, { input: parts.input, report: parts.report, whole: parts.source.whole });
  return orderMembers(members, parts.report).map(({ agent }) => agent);
}

function noteMoreSkills({ name, skills, place }: AgentSource, report: Report): void {
  const [first, ...more] = skills;
  if (first === undefined || more.length === 0) return;
  const others = more.map((skill) => skill.name).join(', ');
  report.note(
    place,
    `"${name}" has ${skills.length} skills: ${first.name} stands in its prompt, ${others} it opens when needed`,
  );
}

/** Integer micro-USD: the ledger's unit. */
function budgetOf({ settings, placeOf }: TeamSource, report: Report): number | null {
  if (settings.budget === undefined) return null;
  const { usd } = settings.budget;
  const microUsd = Math.round(usd * 1_000_000);
  const exact = Math.abs(usd * 1_000_000 - microUsd) < 0.001;
  if (microUsd > 0 && exact && Number.isSafeInteger(microUsd)) return microUsd;
  const expected = usd <= 0 ? 'an amount above 0, such as 0.50' : 'at most 6 decimals, such as 0.000001';
  report.fail(placeOf(['budget', 'usd']), `budget.usd is ${usd}; expected ${expected}`);
  return null;
}
