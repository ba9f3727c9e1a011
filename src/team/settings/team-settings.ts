import { z } from 'zod';
import type { JsonSchema } from '../../core/index.ts';

// Every `error` below is the second half of a sentence: "agents.x.reads is 5; expected <error>".

const pathText = z.string({ error: 'a path, such as drafts/x.md' }).min(1, { error: 'a path' });
const wholeNumber = (example: number) => {
  const error = `a whole number above 0, such as ${example}`;
  return z.int({ error }).positive({ error });
};
const yesOrNo = z.boolean({ error: 'true or false' });
/** The smallest thinking budget a provider takes (Anthropic, "Extended thinking"). */
const thinkingTokensMin = 1024;
const thinkingError = `0, or a whole number from ${thinkingTokensMin}`;
const shareError = 'a share above 0 and at most 1, such as 0.8';
const jsonSchema = (error: string) => z.record(z.string(), z.unknown(), { error }).refine(isPlain, { error });

const inputFile = z
  .strictObject(
    {
      tokensMax: wholeNumber(20_000)
        .optional()
        .describe('Longer files are cut at a heading or paragraph. Default: 20000.'),
      required: yesOrNo.optional().describe('Whether a brief must bring it. Default: true.'),
    },
    { error: 'settings in braces, such as { tokensMax: 20000, required: true }' },
  )
  .describe('A file that the brief brings.');

const inputParam = jsonSchema('a JSON Schema, such as { type: string }').describe(
  'A JSON Schema, and beside it `required: true` where a brief must give it. `default` stands in for an absent value.',
);

const input = z
  .strictObject(
    {
      files: z
        .record(z.string(), inputFile, { error: 'file names with settings, such as { source.md: {} }' })
        .optional()
        .describe('The files a brief may bring, by name. Absent: any file is welcome.'),
      params: z
        .record(z.string(), inputParam, {
          error: 'parameter names with schemas, such as { tone: { type: string } }',
        })
        .optional()
        .describe('The parameters a brief may give, by name. Absent: any parameter is welcome, as text.'),
    },
    { error: 'a map with files and params' },
  )
  .describe('What a brief may bring beside its text.');

const limits = z
  .strictObject(
    {
      turns: wholeNumber(20).optional().describe('Model replies. Default: 20.'),
      toolCalls: wholeNumber(100).optional().describe('Tool calls. Default: 100.'),
      outputTokens: wholeNumber(32_000).optional().describe('Output tokens over all turns. Default: 32000.'),
      seconds: wholeNumber(600).optional().describe('Wall time. Default: 600.'),
    },
    { error: 'a map with turns, toolCalls, outputTokens and seconds' },
  )
  .describe('Where the agent is stopped.');

const agent = z
  .strictObject(
    {
      reads: z
        .array(pathText, { error: 'a list of paths, such as [brief.md, notes.md]' })
        .optional()
        .describe(
          'Paths, folders (drafts/) or globs (drafts/*.md). Absent: brief.md and whatever files the brief brings.',
        ),
      writes: pathText.optional().describe('The one artifact it owes. Default: its name with .md or .json.'),
      model: z
        .string({ error: 'an alias of `models`, or provider/name' })
        .optional()
        .describe('An alias of `models`, or provider/name. Default: default.'),
      effort: z
        .enum(['low', 'medium', 'high', 'xhigh', 'max'], { error: 'one of low, medium, high, xhigh, max' })
        .optional()
        .describe('How hard the model should think.'),
      thinkingTokens: z
        .int({ error: thinkingError })
        .refine((tokens) => tokens === 0 || tokens >= thinkingTokensMin, { error: thinkingError })
        .optional()
        .describe(
          'Tokens the model may think before it answers; 0: none. For models that take a budget, not an effort.',
        ),
      compactAt: z
        .number({ error: shareError })
        .gt(0, { error: shareError })
        .max(1, { error: shareError })
        .optional()
        .describe('Share of the context window at which the conversation is summed up. Default: 0.8.'),
      when: z
        .string({ error: 'a condition, such as: x in platforms' })
        .optional()
        .describe('Runs only for briefs that fulfil it, such as: x in platforms and tone is not formal'),
      last: yesOrNo.optional().describe('Verification: runs after everyone else.'),
      output: z
        .union([pathText, jsonSchema('a schema')], {
          error: 'a JSON Schema, or the path of a .json file in the team folder',
        })
        .optional()
        .describe(
          "A JSON Schema (or the path of one): the artifact is then JSON and is the agent's answer itself.",
        ),
      limits: limits.optional(),
      description: z.string({ error: 'text' }).optional().describe('What it is for, as others see it.'),
    },
    { error: 'settings in braces, such as { reads: [brief.md], writes: notes.md }' },
  )
  .describe('What an agent of the folder agents/ reads and writes, and when it runs.');

const chain = z
  .union([z.string(), z.array(z.string())], {
    error: 'provider/name, or a list of them that is tried in order, such as [anthropic/claude-sonnet-5]',
  })
  .describe('provider/name, another alias, or a list of them: the next is asked when one is down.');

const settings = z
  .strictObject(
    {
      name: z
        .string({ error: 'text' })
        .min(1, { error: 'text' })
        .optional()
        .describe("For people. Default: the folder's name."),
      lead: z
        .string({ error: 'the name of an agent' })
        .optional()
        .describe('The agent that coordinates. Default: the agent named lead, or a built-in one.'),
      pattern: z
        .enum(['supervisor', 'pipeline', 'parallel'], { error: 'one of supervisor, pipeline, parallel' })
        .optional()
        .describe('Who decides what runs next: an LLM lead, code in order, or code all at once.'),
      input: input.optional(),
      agents: z
        .record(z.string(), agent, { error: 'agent names with settings' })
        .optional()
        .describe('By the names of the agents in the folder agents/.'),
      models: z
        .record(z.string(), chain, { error: 'aliases with models, such as { small: [ollama/qwen3:8b] }' })
        .optional()
        .describe('Alias → chain of models. Agents that name none use the alias default.'),
      budget: z
        .strictObject(
          {
            usd: z
              .number({ error: 'an amount above 0, such as 0.50' })
              .describe('US dollars, at most 6 decimals.'),
          },
          { error: 'an amount, such as { usd: 0.50 }' },
        )
        .optional()
        .describe('The most a job may cost.'),
      result: z
        .record(z.string(), pathText, { error: 'fields with paths, such as { notes: notes.md }' })
        .optional()
        .describe(
          "Field → path of an artifact, or a glob over several. Default: every member's artifact by its name.",
        ),
    },
    { error: 'a map with name, lead, pattern, input, agents, models, budget and result' },
  )
  .describe('Settings of a team of agents.');

/** What `team.yaml` says, checked in shape but not yet against the agents. */
export type TeamSettings = z.output<typeof settings>;

/** What `team.yaml` says of one agent. */
export type AgentSettings = z.output<typeof agent>;

/** Checks the shape of a team's settings; each issue's message is what was expected. */
export function parseSettings(value: unknown): z.ZodSafeParseResult<TeamSettings> {
  return settings.safeParse(value);
}

/** The JSON Schema of `team.yaml`, for completion in editors (draft-07, which they read best). */
export function teamYamlSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(settings, { io: 'input', target: 'draft-7', reused: 'inline' });
  return JSON.parse(JSON.stringify({ $schema, title: 'Inspan team', ...rest }));
}

/** Says whether a value survives JSON unchanged: `.nan`, `.inf` and the like do not. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isPlain);
  return typeof value !== 'bigint' && typeof value !== 'function' && typeof value !== 'symbol';
}
