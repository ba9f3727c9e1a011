import { z } from 'zod';
import {
  fail,
  isJsonObject,
  type JsonSchema,
  ok,
  type Result,
  type Tool,
  type ToolCall,
} from '../core/index.ts';

/** The longest answer of a file tool, in characters: some 15,000 tokens. */
export const answerCharactersMax = 60_000;

/** A file tool before its arguments are checked for it. */
export interface FileToolSpec<Input extends z.ZodObject> {
  readonly name: string;
  readonly purpose: string;
  readonly effect: 'read' | 'write';
  readonly input: Input;
  run(input: z.output<Input>, call: ToolCall): Promise<Result<string>>;
}

/** Makes a tool whose arguments a schema checks. Its calls may be repeated safely. */
export function fileTool<Input extends z.ZodObject>(spec: FileToolSpec<Input>): Tool {
  const { name, purpose, effect, input: schema } = spec;
  return {
    name,
    purpose,
    effect,
    replay: 'safe',
    inputSchema: jsonSchemaOf(schema),
    parse: (input) => parse(spec, input),
    async run(input, call) {
      const answer = await spec.run(schema.parse(input), call);
      return answer.ok ? ok({ text: answer.value }) : answer;
    },
  };
}

/** Writes a number with commas between thousands, wherever the machine stands. */
export function withCommas(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

function jsonSchemaOf(schema: z.ZodObject): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    // A bound that only says "a whole number" tells a model nothing.
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  // Through JSON, because zod's type also allows what JSON cannot carry.
  return JSON.parse(JSON.stringify(rest)) as JsonSchema;
}

function parse({ name, input: schema }: FileToolSpec<z.ZodObject>, input: unknown): Result<unknown> {
  const fields = Object.keys(schema.shape).join(', ');
  if (!isJsonObject(input)) {
    return fail('bad-arguments', `arguments: expected a JSON object. ${name} takes ${fields}.`);
  }
  // Providers that know no optional fields make models send null for what is left out.
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const parsed = schema.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, given));
  return fail('bad-arguments', [...problems, `${name} takes ${fields}.`].join('\n'));
}

function problemsOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): readonly string[] {
  const field = issue.path.join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => `${key}: there is no such field. Leave it out.`);
    case 'invalid_type': {
      const expected = typeWords[issue.expected] ?? issue.expected;
      const found = given[field] === undefined ? 'it is missing' : `got ${kindOf(given[field])}`;
      return [`${field}: expected ${expected}, but ${found}.`];
    }
    case 'too_small':
      return [`${field}: expected ${issue.origin === 'string' ? 'some text' : `at least ${issue.minimum}`}.`];
    case 'too_big':
      return [
        `${field}: expected at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}.`,
      ];
    default:
      return [`${field}: ${issue.message}.`];
  }
}

const typeWords: Readonly<Record<string, string>> = Object.freeze({
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
});

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
