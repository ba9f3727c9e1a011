import { InspanError, type Model, type ModelRequest } from '../../core/index.ts';
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

/** How providers are asked. */
export interface ExactTokensParts {
  readonly inspan: Inspan;
  readonly signal: AbortSignal;
  /** The one model that answers for all agents, as `INSPAN_MODEL` names it; absent: each agent's own. */
  readonly model?: string | undefined;
}

/**
 * Asks providers how many tokens each agent's static part has.
 * The provider of the first model of its chain that can be reached. Costs nothing, but needs a key.
 */
export async function exactTokens(
  team: Team,
  agents: readonly AgentInspection[],
  parts: ExactTokensParts,
): Promise<ExactTokens> {
  const { lead, members } = compileTeam(team);
  const roles = [...(lead === null ? [] : [lead]), ...[...members.values()].map(({ role }) => role)];
  const tokens: Record<string, number> = {};
  const notes: Finding[] = [];
  const one = parts.model?.trim() || null;
  for (const role of roles) {
    const own = agents.find(({ name }) => name === role.name)?.chain ?? [];
    const counted = await countFor(role, one === null ? own : [one], parts);
    if (typeof counted === 'number') tokens[role.name] = counted;
    else notes.push({ message: `${role.name}: ${counted}` });
  }
  return { tokens, notes };
}

async function countFor(
  role: CompiledRole,
  chain: readonly string[],
  { inspan, signal }: ExactTokensParts,
): Promise<number | string> {
  if (chain.length === 0) return 'whoever runs the team chooses its model, so nobody can be asked.';
  const model = await firstOpened(chain, inspan);
  if (typeof model === 'string') return model;
  if (model.countTokens === undefined) return `${model.id} cannot be asked for exact tokens.`;
  const [whole, message] = await Promise.all([
    model.countTokens(requestOf(role, role.tools, role.system), signal),
    model.countTokens(requestOf(role, [], []), signal),
  ]);
  if (!whole.ok) return whole.failure.message;
  return message.ok ? whole.value - message.value : message.failure.message;
}

/** As a run would: what has no key is passed over. Gives why the first cannot be opened where none can. */
async function firstOpened(chain: readonly string[], inspan: Inspan): Promise<Model | string> {
  let first: string | null = null;
  for (const id of chain) {
    try {
      return await inspan.openModel(resolveModelName(id));
    } catch (error) {
      if (!(error instanceof InspanError)) throw error;
      first ??= error.message;
    }
  }
  return first ?? 'its chain is empty.';
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
