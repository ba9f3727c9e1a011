import type { Json, Workspace } from '../../core/index.ts';
import { decodeText, ruleMatches } from '../../workspace/index.ts';
import type { Team } from '../team.ts';
import { parseJson } from './artifact-goal.ts';

/**
 * Reads the workspace once, at the end, into the team's result: a path gives its text (its JSON where the agent
 * owes structured output), or null when nobody was asked for it; a glob gives one text per match, named by what
 * its stars stand for.
 */
export async function assembleResult(
  team: Team,
  workspace: Workspace,
): Promise<Readonly<Record<string, Json>>> {
  const entries: [string, Json][] = [];
  for (const [field, rule] of Object.entries(team.result)) {
    entries.push([
      field,
      isPattern(rule) ? await matches(rule, team, workspace) : await content(rule, team, workspace),
    ]);
  }
  return Object.fromEntries(entries);
}

function isPattern(rule: string): boolean {
  return rule.endsWith('/') || rule.includes('*');
}

async function matches(rule: string, team: Team, workspace: Workspace): Promise<Json> {
  const artifacts = new Set(team.members.map(({ writes }) => writes));
  const files = await workspace.list();
  const matched: [string, Json][] = [];
  for (const { path } of files) {
    if (artifacts.has(path) && ruleMatches(rule, path))
      matched.push([stem(rule, path), await content(path, team, workspace)]);
  }
  return Object.fromEntries(matched);
}

/** `drafts/*.md` and `drafts/x.md` give `x`. */
function stem(rule: string, path: string): string {
  if (rule.endsWith('/')) return path.slice(rule.length);
  const before = rule.slice(0, rule.indexOf('*'));
  const after = rule.slice(rule.lastIndexOf('*') + 1);
  return path.slice(before.length, path.length - after.length);
}

async function content(path: string, team: Team, workspace: Workspace): Promise<Json> {
  const file = await workspace.read(path);
  if (!file.ok) return null;
  const text = decodeText(file.value.bytes) ?? '';
  const owner = team.members.find(({ writes }) => writes === path);
  return owner !== undefined && owner.output !== null ? (parseJson(text) ?? null) : text;
}
