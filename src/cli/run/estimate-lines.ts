import type { JobEstimate } from '../../team/index.ts';
import { tableLines } from '../show/table.ts';
import { count, dollars } from '../show/wording.ts';

/** Says an estimate: one line an agent, then the sum. */
export function estimateLines(
  { agents, total }: JobEstimate,
  budgetMicroUsd: number | null,
): readonly string[] {
  const rows = agents.map((agent) => [agent.name, agent.model, String(agent.turns), ...numbers(agent)]);
  const head = ['agent', 'model', 'turns', 'tokens in', 'tokens out', 'cost', 'at most'];
  return [
    ...tableLines({ rows: [head, ...rows, ['total', '', '', ...numbers(total)]], right: [2, 3, 4, 5, 6] }),
    '',
    'An estimate: answers have assumed sizes and nothing comes from a prompt cache. "At most" is the same input',
    'with all the output that the limits of each agent allow. Nothing was run.',
    ...(budgetMicroUsd === null ? [] : [`The team's budget ends a job at ${dollars(budgetMicroUsd)}.`]),
  ];
}

/** An estimate as JSON, in dollars. */
export function estimateReport({ agents, total }: JobEstimate, budgetMicroUsd: number | null): unknown {
  return {
    agents: agents.map(({ name, model, turns, ...used }) => ({ name, model, turns, ...inDollars(used) })),
    total: inDollars(total),
    budgetUsd: budgetMicroUsd === null ? null : budgetMicroUsd / 1_000_000,
  };
}

type Used = JobEstimate['total'];

function numbers({ inputTokens, outputTokens, costMicroUsd, costMicroUsdMax }: Used): readonly string[] {
  return [count(inputTokens), count(outputTokens), dollars(costMicroUsd), dollars(costMicroUsdMax)];
}

function inDollars({
  inputTokens,
  outputTokens,
  costMicroUsd,
  costMicroUsdMax,
}: Used): Readonly<Record<string, unknown>> {
  return { inputTokens, outputTokens, costUsd: usd(costMicroUsd), costUsdMax: usd(costMicroUsdMax) };
}

function usd(microUsd: number | 'unknown'): number | 'unknown' {
  return microUsd === 'unknown' ? 'unknown' : microUsd / 1_000_000;
}
