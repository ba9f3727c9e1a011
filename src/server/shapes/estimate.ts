import { z } from '@hono/zod-openapi';
import type { Estimating } from '../../jobs/index.ts';
import { jsonShape, money, moneyShape, orNull } from './values.ts';

const sumsFields = { inputTokens: z.int(), outputTokens: z.int(), cost: moneyShape, costMax: moneyShape };

/** What a job would probably use. */
export const estimateShape = z
  .object({
    agents: z.array(z.object({ name: z.string(), model: z.string(), turns: z.int(), ...sumsFields })),
    total: z.object(sumsFields).openapi({ description: '`costMax`: with all the output that limits allow.' }),
    budget: orNull(moneyShape).openapi({ description: 'The most the team lets a job cost.' }),
    cuts: z.array(jsonShape).openapi({ description: 'Files that are too long, and what would be kept.' }),
  })
  .openapi('Estimate');

/** An estimate over the wire. */
export type EstimateOnWire = z.infer<typeof estimateShape>;

type Estimated = Extract<Estimating, { readonly ok: true }>['value'];

/** Writes an estimate as an answer has it. */
export function estimateOnWire({ estimate, cuts, budgetMicroUsd }: Estimated): EstimateOnWire {
  return {
    agents: estimate.agents.map(({ name, model, turns, ...sums }) => ({
      name,
      model,
      turns,
      ...sumsOnWire(sums),
    })),
    total: sumsOnWire(estimate.total),
    budget: budgetMicroUsd === null ? null : money(budgetMicroUsd),
    cuts: cuts.map((cut) => ({ ...cut })),
  };
}

function sumsOnWire({
  inputTokens,
  outputTokens,
  costMicroUsd,
  costMicroUsdMax,
}: Estimated['estimate']['total']) {
  return { inputTokens, outputTokens, cost: money(costMicroUsd), costMax: money(costMicroUsdMax) };
}
