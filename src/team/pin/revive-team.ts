import { fail, isJsonObject, ok, type Result, type StoredTeam, type Tool } from '../../core/index.ts';
import { openSkillFileTool } from '../../skills/index.ts';
import { fileTools } from '../../workspace/index.ts';
import { toolIdentity } from '../build/build-tools.ts';
import { digestTeam } from '../build/digest-team.ts';
import type { AgentDefinition, Team } from '../team.ts';
import type { StoredDefinition, StoredMember } from './snapshot-team.ts';

/** A team as it was when it was kept, with tools that work now. */
export interface RevivedTeam {
  readonly team: Team;
  /** Tools of its own whose interface is the same but whose code is another one. */
  readonly changedTools: readonly string[];
}

/**
 * Makes a team of its stored data: with the digest, and to the byte the prompts, that it had then.
 * Its own tools are those of the current team. Fails with `team-changed` where one is gone or its interface is another
 * one, and with `team-missing` where there is no current team (null) to take one from.
 */
export function reviveTeam(stored: StoredTeam, current: Team | null): Result<RevivedTeam> {
  const { name, toolCode } = stored;
  const definition: unknown = stored.definition;
  if (!isDefinition(definition)) return unreadable(name);
  const own = new Map(current?.members.flatMap(({ tools }) => tools.map((tool) => [tool.name, tool])));
  const wanted = definition.members.map((member) => ({ member, found: findTools(member, own) }));
  const gone = wanted.flatMap(({ found }) => found.gone);
  if (gone.length > 0) return current === null ? missing(name, gone) : refused(name, gone, 'is gone');
  const changed = wanted.flatMap(({ found }) => found.changed);
  if (changed.length > 0) return refused(name, changed, 'takes or does something else now');
  const members = wanted.map(({ member, found }): AgentDefinition => ({ ...member, tools: found.tools }));
  const team: Team = { ...definition, name, members };
  if (digestTeam(team) !== team.digest) return unreadable(name);
  const changedTools = Object.keys(toolCode).filter((tool) => {
    const now = own.get(tool)?.codeHash;
    return now !== undefined && now !== toolCode[tool];
  });
  return ok({ team, changedTools });
}

/** The rest of what it should be is what its digest says. */
function isDefinition(definition: unknown): definition is StoredDefinition {
  if (!isJsonObject(definition) || !Array.isArray(definition.members)) return false;
  return definition.members.every((member) => isJsonObject(member) && Array.isArray(member.tools));
}

interface FoundTools {
  readonly tools: readonly Tool[];
  readonly gone: readonly string[];
  readonly changed: readonly string[];
}

/** Built-in tools are made anew, of what was stored. */
function findTools(member: StoredMember, own: ReadonlyMap<string, Tool>): FoundTools {
  const opener = openSkillFileTool({ inPrompt: member.skill, more: member.moreSkills });
  const builtIn = [...fileTools(), ...(opener === null ? [] : [opener])];
  const known = new Map([...own, ...builtIn.map((tool) => [tool.name, tool] as const)]);
  const found = member.tools.map(({ name, identity }) => ({ name, identity, tool: known.get(name) }));
  return {
    tools: found.flatMap(({ tool }) => (tool === undefined ? [] : [tool])),
    gone: found.flatMap(({ name, tool }) => (tool === undefined ? [name] : [])),
    changed: found.flatMap(({ name, identity, tool }) =>
      tool === undefined || toolIdentity(tool) === identity ? [] : [name],
    ),
  };
}

function refused(team: string, tools: readonly string[], what: string): Result<never> {
  const names = [...new Set(tools)].join(', ');
  return fail(
    'team-changed',
    `Team ${team} has changed since this job was accepted: of its tools, ${names} ${what}. Bring it back as it was, or bring the brief as a new job.`,
  );
}

function missing(team: string, tools: readonly string[]): Result<never> {
  const names = [...new Set(tools)].join(', ');
  return fail(
    'team-missing',
    `This process does not serve team ${team}, whose own tools this job needs: ${names}. Start one that does, then retry the job.`,
  );
}

function unreadable(team: string): Result<never> {
  return fail(
    'team-changed',
    `The definition of team ${team} that accepted this job is damaged, or another version of Inspan kept it: bring the brief as a new job.`,
  );
}
