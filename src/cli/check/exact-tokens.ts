import type { ModelRequest } from '../../core/index.ts';
import type { Inspan } from '../../inspan.ts';
import { resolveModelName } from '../../models/index.ts';
import { type CompiledRole, compileTeam, type Team } from '../../team/index.ts';
import type { AgentInspection, Finding } from './inspect-team.ts';

/** What a provider says of an agent's static part, in its own tokens. */
export interface ExactTokens {
  /** By agent. */
  readonly tokens: Readonly<Record<string, number>>;
  /** Why there is no figure for some. */
  readonly notes: readonly Finding[];
}

/** Asks the provider of each agent's first model how many tokens its static part has. Costs nothing, but needs a key. */
export async function exactTokens(
  team: Team,
  agents: readonly AgentInspection[],
  { inspan, signal }: { readonly inspan: Inspan; readonly signal: AbortSignal },
): Promise<ExactTokens> {
  const { lead, members } = compileTeam(team);
  const roles = [...(lead === null ? [] : [lead]), ...[...members.values()].map(({ role }) => role)];
  const tokens: Record<string, number> = {};
  const notes: Finding[] = [];
  for (const role of roles) {
    const id = agents.find(({ name }) => name === role.name)?.chain[0];
    const counted = await countFor(role, id, { inspan, signal });
    if (typeof counted === 'number') tokens[role.name] = counted;
    else notes.push({ message: `${role.name}: ${counted}` });
  }
  return { tokens, notes };
}

async function countFor(
  role: CompiledRole,
  id: string | undefined,
  { inspan, signal }: { readonly inspan: Inspan; readonly signal: AbortSignal },
): Promise<number | string> {
  if (id === undefined) return 'whoever runs the team chooses its model, so nobody can be asked.';
  const model = await inspan.openModel(resolveModelName(id));
  if (model.countTokens === undefined) return `${id} cannot be asked for exact tokens.`;
  const [whole, message] = await Promise.all([
    model.countTokens(requestOf(role, role.tools, role.system), signal),
    model.countTokens(requestOf(role, [], []), signal),
  ]);
  if (!whole.ok) return whole.failure.message;
  return message.ok ? whole.value - message.value : message.failure.message;
}

/** Providers count no request without a message, so the shortest there is stands in both and is taken off. */
function requestOf(
  { name }: CompiledRole,
  tools: ModelRequest['tools'],
  system: ModelRequest['system'],
): ModelRequest {
  return {
    lane: name,
    tools,
    system,
    messages: [{ role: 'user', blocks: [{ type: 'text', text: '.' }] }],
    outputTokensMax: 1,
  };
}
