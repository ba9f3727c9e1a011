import type { z } from 'zod';
import {
  failure,
  InspanError,
  isJsonObject,
  type JsonSchema,
  type Tool,
  type ToolCall,
  type ToolEffect,
  type ToolReplay,
} from '../core/index.ts';
import { parseArguments } from './parse-arguments.ts';
import { runSpec, type ToolOutput } from './run-spec.ts';

/** A tool as its author writes it. */
export interface ToolSpec<Input extends z.ZodObject = z.ZodObject> {
  /** Left out in a team's `tools/` folder: the file's name is the tool's name. */
  readonly name?: string;
  /** Told to the model: what it does and when to use it. */
  readonly purpose: string;
  /** What it takes. `describe` its fields: the model reads that. Fields it does not have are refused. */
  readonly input: Input;
  /** What it may change. Left out: `outside`, the one that claims least. */
  readonly effect?: ToolEffect;
  /** Left out: `never` for effect `outside`, else `safe`. */
  readonly replay?: ToolReplay;
  readonly overlaps?: boolean;
  readonly version?: string;
  /**
   * Does it. A throw becomes `tool-failed` with the error's first line, for the model to read.
   * Files go through `call.workspace`; `call.signal` says when to stop.
   */
  readonly run: (input: z.output<Input>, call: ToolCall) => ToolOutput | Promise<ToolOutput>;
}

/** A tool that still needs a name: its file gives it, or `named` does. */
export type UnnamedTool = Omit<Tool, 'name'> & { readonly name?: string };

/** Longest name of a tool, in characters (the providers' common rule). */
const toolNameCharactersMax = 64;

/** Makes a typed tool. Throws `InspanError` for a bad name, an empty purpose or an input without JSON Schema. */
export function tool<Input extends z.ZodObject>(spec: ToolSpec<Input> & { readonly name: string }): Tool;
export function tool<Input extends z.ZodObject>(spec: ToolSpec<Input>): UnnamedTool;
export function tool<Input extends z.ZodObject>(spec: ToolSpec<Input>): UnnamedTool {
  const inputSchema = schemaOf(spec.input);
  const problems = [
    spec.name === undefined ? null : toolNameProblem(spec.name),
    isText(spec.purpose) ? null : 'A tool needs a `purpose`: what it does and when to use it',
    typeof inputSchema === 'string' ? inputSchema : null,
    typeof spec.run === 'function' ? null : 'A tool needs `run`: the function that does it',
    choiceProblem('effect', spec.effect, ['read', 'write', 'outside']),
    choiceProblem('replay', spec.replay, ['safe', 'never']),
  ].filter((problem) => problem !== null);
  if (problems.length > 0 || typeof inputSchema === 'string') {
    throw new InspanError(problems.map((problem) => failure('wrong-team', `${problem}.`)));
  }
  const { name, effect = 'outside', overlaps, version } = spec;
  return {
    ...(name === undefined ? {} : { name }),
    purpose: spec.purpose.trim(),
    inputSchema,
    effect,
    replay: spec.replay ?? (effect === 'outside' ? 'never' : 'safe'),
    ...(overlaps === undefined ? {} : { overlaps }),
    ...(version === undefined ? {} : { version }),
    parse: (input) => parseArguments(spec.input, inputSchema, input),
    run: (input, call) => runSpec(spec.run as RunParsed, input, call),
  };
}

/** `run` is only ever given what this tool's own `parse` gave, so its input has the right type. */
type RunParsed = (input: unknown, call: ToolCall) => ToolOutput | Promise<ToolOutput>;

/** Gives a tool its name, whatever it was called before. Throws `InspanError` for a bad name. */
export function named(tool: UnnamedTool, name: string): Tool {
  const problem = toolNameProblem(name);
  if (problem !== null) throw new InspanError([failure('wrong-team', `${problem}.`)]);
  return { ...tool, name };
}

/** Says what is wrong with a tool's name, or null. */
export function toolNameProblem(name: string): string | null {
  if (name.length > toolNameCharactersMax) {
    return `The tool's name has ${name.length} characters: at most ${toolNameCharactersMax}`;
  }
  if (/^[a-z][a-z0-9_]*$/.test(name)) return null;
  return `The tool's name "${name}" must begin with a lowercase letter and hold only lowercase letters, digits and _`;
}

/**
 * The schema as the model sees it, or what is wrong. Asked of the author's own zod: a team folder may bring another
 * copy than ours, and nothing has to be loaded here.
 */
function schemaOf(input: z.ZodObject): JsonSchema | string {
  if (typeof input?.toJSONSchema !== 'function')
    return 'A tool needs an `input`: `z.object({ … })` of zod 4.2 or later';
  const schema = writeSchema(input);
  if (typeof schema === 'string') return schema;
  const { $schema: _dialect, ...rest } = schema;
  if (rest.type !== 'object')
    return "A tool's `input` must be `z.object({ … })`: models send an object of named fields";
  // A misspelled optional field would otherwise be dropped in silence; `z.looseObject` says that any field is welcome.
  return { additionalProperties: false, ...rest };
}

function writeSchema(input: z.ZodObject): JsonSchema | string {
  try {
    const schema: unknown = JSON.parse(JSON.stringify(input.toJSONSchema({ io: 'input' })));
    return isJsonObject(schema) ? schema : 'The `input` of the tool has no JSON Schema';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `The \`input\` of the tool cannot be told to a model: ${error.message.replace(/\.$/, '')}`;
  }
}

/** A team's tools are not type-checked when they are loaded, and these two words decide what a crash may repeat. */
function choiceProblem(field: string, value: string | undefined, choices: readonly string[]): string | null {
  if (value === undefined || choices.includes(value)) return null;
  return `A tool's \`${field}\` is ${choices.join(' or ')}, not ${JSON.stringify(value)}`;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
