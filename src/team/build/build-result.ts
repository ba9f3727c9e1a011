import { checkRule, ruleMatches } from '../../workspace/index.ts';
import { didYouMean } from '../settings/closest.ts';
import type { Report } from '../settings/report.ts';
import type { AgentDefinition, TeamInput } from '../team.ts';
import { isPattern } from './build-role.ts';
import type { TeamSource } from './team-source.ts';

/** Checks which artifacts make the result; by default each member's, under its name. */
export function buildResult(
  { settings, placeOf, whole }: TeamSource,
  { members, input }: { readonly members: readonly AgentDefinition[]; readonly input: TeamInput },
  report: Report,
): Readonly<Record<string, string>> {
  if (settings.result === undefined)
    return Object.fromEntries(members.map(({ name, writes }) => [name, writes]));
  const artifacts = members.map(({ writes }) => writes);
  const paths = [...artifacts, ...Object.keys(input.files ?? {})];
  const built = Object.entries(settings.result).map(([field, written]): [string, string] => {
    const place = placeOf(['result', field]);
    const rule = checkRule(written);
    // Several files are taken of what the team makes; one by its path may also be what it was given.
    const known = isPattern(written) ? artifacts : paths;
    if (!rule.ok) {
      report.fail(place, `result.${field} is "${written}": ${rule.failure.message}`);
    } else if (isPattern(written) && !/\*|\/$/.test(written)) {
      report.fail(
        place,
        `result.${field} is "${written}"; several files are taken with a *, such as drafts/*.md`,
      );
    } else if (whole && !known.some((path) => ruleMatches(rule.value, path))) {
      const hint = didYouMean(written, paths) || ` Known: ${known.join(', ')}.`;
      report.fail(place, `result.${field} is "${written}", but no agent writes that.${hint}`);
    }
    return [field, rule.ok ? rule.value : written];
  });
  return Object.fromEntries(built);
}
