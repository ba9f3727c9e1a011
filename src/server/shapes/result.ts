import { z } from '@hono/zod-openapi';
import type { AgentAccount, JobAccount, JobOutput, JobRecord } from '../../core/index.ts';
import { stateShape } from './job.ts';
import { failureOnWire, failureShape, jsonShape, money, moneyShape, orNull } from './values.ts';

/** Tokens in buckets that never overlap. */
export const usageShape = z
  .object({
    inputTokens: z.int(),
    cacheReadTokens: z.union([z.int(), z.literal('unknown')]),
    cacheWrite5mTokens: z.int(),
    cacheWrite1hTokens: z.int(),
    outputTokens: z.int(),
    reasoningTokens: z.int(),
  })
  .openapi('Usage', {
    description: 'Tokens in buckets that never overlap: their sum is what was processed.',
  });

const totalFields = {
  calls: z.int(),
  toolCalls: z.int(),
  usage: usageShape,
  cost: moneyShape,
  unreported: z
    .object({ calls: z.int(), cost: moneyShape })
    .openapi({ description: 'What may have been billed beyond that without the provider saying so.' }),
};

/** What a job used: the sum of its agents. */
export const accountShape = z
  .object({
    total: z.object(totalFields),
    agents: z.record(
      z.string(),
      z.object({ ...totalFields, contextTokens: z.int(), models: z.array(z.string()) }),
    ),
  })
  .openapi('Account');

/** What an ended job left behind. */
export const resultShape = z
  .object({
    id: z.string(),
    team: z.string(),
    state: stateShape,
    failure: orNull(failureShape),
    result: z.record(z.string(), jsonShape).openapi({
      description: 'The team’s result; of a job that did not finish, what there is of it.',
    }),
    usage: accountShape,
    cost: moneyShape,
    cuts: z.array(jsonShape).openapi({ description: 'Input files that were too long, and what was kept.' }),
    elapsedMs: z.number(),
  })
  .openapi('Result');

/** What an ended job left behind, over the wire. */
export type ResultOnWire = z.infer<typeof resultShape>;

/** Writes what an ended job left behind as an answer has it. */
export function resultOnWire(job: JobRecord, output: JobOutput): ResultOnWire {
  const { id, team, state, failure } = job;
  const { result, usage, cuts, elapsedMs } = output;
  return {
    id,
    team,
    state,
    failure: failure === null ? null : failureOnWire(failure),
    result,
    usage: accountOnWire(usage),
    cost: money(usage.total.costMicroUsd),
    cuts: [...cuts],
    elapsedMs,
  };
}

function accountOnWire({ agents, total }: JobAccount): z.infer<typeof accountShape> {
  const written = Object.entries(agents).map(([name, agent]) => [
    name,
    { ...totalOnWire(agent), contextTokens: agent.contextTokens, models: [...agent.models] },
  ]);
  return { total: totalOnWire(total), agents: Object.fromEntries(written) };
}

function totalOnWire(account: Omit<AgentAccount, 'contextTokens' | 'models'>) {
  const { calls, toolCalls, usage, costMicroUsd, unreported } = account;
  return {
    calls,
    toolCalls,
    usage,
    cost: money(costMicroUsd),
    unreported: { calls: unreported.calls, cost: money(unreported.costMicroUsd) },
  };
}
