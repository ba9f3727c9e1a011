import { z } from 'zod';

// Every `error` below is the second half of a sentence: "limits.requestsPerMinute is 0; expected <error>".

/** What can go wrong, and which fields say more about it. */
export const faultFields = {
  'rate-limited': ['retryAfterS'],
  overloaded: ['retryAfterS'],
  'server-error': [],
  'quota-exhausted': [],
  'bad-key': [],
  'context-overflow': [],
  'hang-up': [],
  'slow-first-byte': ['waitMs'],
  cut: ['through'],
  stall: ['through'],
  malformed: ['through'],
  'overloaded-midway': ['through'],
  'wrong-arguments': [],
  'broken-arguments': [],
  refusal: [],
} as const satisfies Record<string, readonly string[]>;

type FaultName = keyof typeof faultFields;
const faultNames = Object.keys(faultFields) as readonly FaultName[] as [FaultName, ...FaultName[]];

/** Which ways a request may come in: Anthropic's two, OpenAI's two, and Ollama's own. */
const wires = ['messages', 'batch', 'chat', 'responses', 'ollama'] as const;

const wholeNumber = (least: number, example: number) => {
  const error = `a whole number from ${least} on, such as ${example}`;
  return z.int({ error }).min(least, { error });
};
const amount = (what: string) => z.number({ error: what }).min(0, { error: what });
const share = (what: string) => amount(what).max(1, { error: what });
const text = (example: string) => z.string({ error: `text, such as ${example}` });
const word = (example: string) => text(example).min(1, { error: `text, such as ${example}` });

const reply = z
  .strictObject(
    {
      when: word('refund')
        .optional()
        .describe('Only for conversations whose last user text contains this, in whatever case.'),
      think: word('Let me see.').optional().describe('What the model thinks before it answers.'),
      say: word('Hello.').optional().describe('The text of the answer.'),
      calls: z
        .array(
          z.strictObject(
            {
              tool: word('read_file').describe('The name of the tool.'),
              input: z
                .record(z.string(), z.json(), { error: 'arguments by name, such as { path: brief.md }' })
                .default({})
                .describe('Its arguments. Default: none.'),
            },
            { error: 'a call, such as { tool: read_file, input: { path: brief.md } }' },
          ),
          { error: 'a list of calls, such as [{ tool: read_file, input: { path: brief.md } }]' },
        )
        .optional()
        .describe('The tool calls of the answer.'),
      stop: z
        .enum(['done', 'tool-calls', 'output-limit', 'context-full', 'refused'], {
          error: 'one of done, tool-calls, output-limit, context-full, refused',
        })
        .optional()
        .describe('Why the model stops. Default: tool-calls where there are calls, else done.'),
    },
    { error: 'a reply, such as { say: Hello. }' },
  )
  .refine(({ say, calls }) => say !== undefined || calls !== undefined, {
    error: 'a reply with say, calls or both',
  });

const brainError = 'offline, { script: [{ say: Hello. }] }, or { fixed: { tokens: 200, toolCalls: 2 } }';
const brain = z.union(
  [
    z.literal('offline'),
    z.strictObject({ script: z.array(reply, { error: 'a list of replies' }).min(1, { error: 'a reply' }) }),
    z.strictObject({
      fixed: z.strictObject(
        {
          tokens: wholeNumber(1, 200).describe('How long each text is.'),
          toolCalls: wholeNumber(0, 3)
            .default(0)
            .describe('So many first turns of a conversation call its first tool. Default: 0.'),
        },
        { error: 'how long texts are, such as { tokens: 200 }' },
      ),
    }),
  ],
  { error: brainError },
);

const speed = z.strictObject(
  {
    firstTokenMs: amount('milliseconds, such as 300')
      .default(0)
      .describe('From a request to the first byte of its answer. Default: 0.'),
    promptTokensPerSecond: amount('tokens per second, such as 20000; 0 for in no time')
      .default(0)
      .describe('How fast a prompt is read, but for what a cache holds of it. Default: 0, in no time.'),
    tokensPerSecond: amount('tokens per second, such as 80; 0 for as fast as the machine can')
      .default(0)
      .describe('How fast answers are told. Default: 0, as fast as the machine can.'),
  },
  { error: 'such as { firstTokenMs: 300, tokensPerSecond: 80 }' },
);

const perMinute = (example: number) => wholeNumber(1, example).nullable().default(null);
const limits = z.strictObject(
  {
    requestsPerMinute: perMinute(50).describe('Absent: no limit.'),
    inputTokensPerMinute: perMinute(50_000).describe(
      'Anthropic: input tokens but cache reads. OpenAI: all tokens, its one limit. Absent: no limit.',
    ),
    outputTokensPerMinute: perMinute(10_000).describe('Anthropic: output tokens. Absent: no limit.'),
  },
  { error: 'such as { requestsPerMinute: 50 }' },
);

const fault = z
  .strictObject(
    {
      fault: z.enum(faultNames, { error: `one of ${faultNames.join(', ')}` }).describe('What goes wrong.'),
      rate: share('a share from 0 to 1, such as 0.1').optional().describe('Strikes this share of requests.'),
      at: z
        .array(wholeNumber(1, 3), { error: 'request numbers, such as [3, 7]' })
        .optional()
        .describe('Strikes these requests, counted from 1 among those the fault is meant for.'),
      every: wholeNumber(1, 5).optional().describe('Strikes each n-th request the fault is meant for.'),
      model: word('anthropic/claude-sonnet-5')
        .optional()
        .describe('Meant only for this model: provider/name, or the name alone.'),
      wire: z
        .enum(wires, { error: `one of ${wires.join(', ')}` })
        .optional()
        .describe(`Meant only for this wire: one of ${wires.join(', ')}.`),
      retryAfterS: wholeNumber(0, 1)
        .optional()
        .describe('Seconds that the refusal says to wait. Absent: it says nothing of it.'),
      waitMs: amount('milliseconds, such as 10000')
        .optional()
        .describe('How much later the first byte comes. Default: 10000.'),
      through: share('a share from 0 to 1, such as 0.5')
        .optional()
        .describe('The share of the answer that still gets through. Default: 0.5.'),
    },
    { error: 'a fault, such as { fault: overloaded, rate: 0.1 }' },
  )
  .refine(({ rate, at, every }) => [rate, at, every].filter((when) => when !== undefined).length <= 1, {
    error: 'only one of rate, at and every (none of them: it strikes every request)',
  })
  .superRefine((rule, context) => {
    const known: readonly string[] = faultFields[rule.fault];
    for (const field of ['retryAfterS', 'waitMs', 'through'] as const) {
      if (rule[field] === undefined || known.includes(field)) continue;
      const message = `no such field: it says nothing about ${rule.fault}`;
      context.addIssue({ code: 'custom', path: [field], message });
    }
  });

const profile = z.strictObject(
  {
    brain: brain.default('offline').describe('Who answers. Default: the offline model.'),
    speed: speed.prefault({}).describe('How fast answers come.'),
    limits: limits.prefault({}).describe('Rate limits, for each key and model.'),
    keys: z
      .array(word('sk-team-a'), { error: 'a list of keys, such as [sk-team-a]' })
      .nullable()
      .default(null)
      .describe('The keys that are let in. Absent: any key, or none. Ollama never asks for one.'),
    faults: z
      .array(fault, { error: 'a list of faults, such as [{ fault: overloaded, rate: 0.1 }]' })
      .default([])
      .describe('What goes wrong, and when. A request may meet several.'),
    seed: wholeNumber(0, 1).default(1).describe('Chooses which requests a rate strikes. Default: 1.'),
  },
  { error: 'a map with brain, speed, limits, keys, faults and seed' },
);

/** How a simulator behaves. Everything may be left out. */
export type Profile = z.output<typeof profile>;

/** One reply of a script: text, tool calls or both. */
export type ScriptedReply = z.output<typeof reply>;

/** One thing that goes wrong, and when. */
export type FaultRule = z.output<typeof fault>;

/** Checks the shape of a profile; each issue's message is what was expected. */
export function checkProfile(data: unknown): z.ZodSafeParseResult<Profile> {
  return profile.safeParse(data);
}
