import type { Json, StoredTeam } from '../../core/index.ts';
import { toolIdentity } from '../build/build-tools.ts';
import type { AgentDefinition, Team } from '../team.ts';

/** A team as it is kept: all of its data, and of its tools what they must still be when it is revived. */
export interface StoredDefinition extends Omit<Team, 'name' | 'members' | 'shape'> {
  readonly members: readonly StoredMember[];
}

/** A member whose tools are named. */
export interface StoredMember extends Omit<AgentDefinition, 'tools'> {
  readonly tools: readonly StoredTool[];
}

/** A tool by its name, and a hash of its interface. */
export interface StoredTool {
  readonly name: string;
  readonly identity: string;
}

/** Writes a team as data: its jobs can be finished on it, whatever becomes of its folder. */
export function snapshotTeam(team: Team): StoredTeam {
  const { name, members, shape: _, ...data } = team;
  const definition: StoredDefinition = { ...data, members: members.map(storedMember) };
  return { name, definition: asJson(definition), toolCode: toolCodeOf(members) };
}

function storedMember(member: AgentDefinition): StoredMember {
  const tools = member.tools.map((tool) => ({ name: tool.name, identity: toolIdentity(tool) }));
  return { ...member, tools };
}

/** What is undefined is left out, as every store would. */
function asJson(value: StoredDefinition): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function toolCodeOf(members: readonly AgentDefinition[]): Readonly<Record<string, string>> {
  const tools = members.flatMap((member) => member.tools);
  return Object.fromEntries(
    tools.flatMap(({ name, codeHash }) => (codeHash === undefined ? [] : [[name, codeHash]])),
  );
}
