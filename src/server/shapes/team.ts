import { z } from '@hono/zod-openapi';
import type { Json } from '../../core/index.ts';
import type { JobDesk } from '../../jobs/index.ts';
import { jsonShape, money, moneyShape, orNull } from './values.ts';

type Team = ReturnType<JobDesk['teams']>[number];

const agentShape = z.object({
  name: z.string(),
  description: z.string(),
  isLead: z.boolean(),
  model: z.string(),
  reads: z.array(z.string()),
  writes: z.string().nullable().openapi({ description: 'The artifact it owes; null for a lead.' }),
});

/** A team that jobs may ask for: what it takes and gives, never what its agents are told. */
export const teamShape = z
  .object({
    name: z.string(),
    digest: z.string(),
    pattern: z.string(),
    agents: z.array(agentShape),
    input: z.record(z.string(), jsonShape).openapi({
      description: 'JSON Schema of `files` and `params` of a request.',
    }),
    result: z
      .record(z.string(), z.string())
      .openapi({ description: 'Result field → file, or pattern of files.' }),
    models: z
      .record(z.string(), z.array(z.string()))
      .openapi({ description: 'Model name → chain of models.' }),
    budget: orNull(moneyShape).openapi({ description: 'The most a job may cost.' }),
  })
  .openapi('Team');

/** A team over the wire. */
export type TeamOnWire = z.infer<typeof teamShape>;

/** Writes a team as an answer has it. */
export function teamOnWire(team: Team): TeamOnWire {
  const { name, digest, pattern, lead, members, models, budgetMicroUsd } = team;
  const leads = lead === null ? [] : [{ ...roleOnWire(lead), isLead: true, reads: [], writes: null }];
  return {
    name,
    digest,
    pattern,
    agents: [
      ...leads,
      ...members.map((each) => ({
        ...roleOnWire(each),
        isLead: false,
        reads: [...each.reads],
        writes: each.writes,
      })),
    ],
    input: inputSchema(team),
    result: { ...team.result },
    models: Object.fromEntries(Object.entries(models).map(([alias, chain]) => [alias, [...chain]])),
    budget: budgetMicroUsd === null ? null : money(budgetMicroUsd),
  };
}

function roleOnWire({ name, description, model }: Team['members'][number] | NonNullable<Team['lead']>) {
  return { name, description, model };
}

function inputSchema({ input }: Team): Record<string, Json> {
  const files = Object.entries(input.files ?? {}).map(([name, { tokensMax, required }]) => ({
    name,
    required,
    schema: { type: 'string', description: `At most ${tokensMax} tokens; what is longer is cut.` },
  }));
  const params = Object.entries(input.params ?? {}).map(([name, param]) => ({ name, ...param }));
  return {
    type: 'object',
    properties: {
      files: objectSchema(files, input.files === null),
      params: objectSchema(params, input.params === null),
    },
  };
}

function objectSchema(
  fields: readonly { readonly name: string; readonly required: boolean; readonly schema: Json }[],
  isOpen: boolean,
): Json {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: isOpen,
  };
}
