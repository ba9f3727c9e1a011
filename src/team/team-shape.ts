import type { z } from 'zod';
import type { Effort, JsonSchema, Tool } from '../core/index.ts';
import type { Skill } from '../skills/index.ts';
import type { Pattern } from './team.ts';

/** An agent as TypeScript writes it; absent fields mean what they mean in a folder. */
export interface AgentWriting extends LeadWriting {
  /** Tools by name, or the team's own themselves. Absent: the file tools. */
  readonly tools?: readonly (string | Tool)[];
  readonly disallowedTools?: readonly string[];
  /** Paths, folders (`drafts/`) or globs. Absent: `brief.md` and whatever files the brief brings. */
  readonly reads?: readonly string[];
  /** Default: its name with `.md`, or `.json` where it has an output. */
  readonly writes?: string;
  /** Makes the agent's answer itself the artifact: JSON of this schema. */
  readonly output?: z.ZodType | JsonSchema;
  /** Such as `x in platforms`. */
  readonly when?: string;
  readonly last?: boolean;
}

/** A lead as TypeScript writes it in place. */
export interface LeadWriting {
  readonly description?: string;
  readonly prompt: string;
  /** The one that stands in the prompt. */
  readonly skill?: Skill;
  /** Further ones, opened on demand. */
  readonly skills?: readonly Skill[];
  readonly model?: string;
  readonly effort?: Effort;
  /** At most this many tokens of thinking before an answer; 0: none. */
  readonly thinkingTokens?: number;
  /** Share of the context window at which the conversation is summed up. Default: 0.8. */
  readonly compactAt?: number;
  readonly limits?: LimitsWriting;
}

/** Where an agent is stopped. Absent fields keep their defaults. */
export interface LimitsWriting {
  readonly turns?: number;
  readonly toolCalls?: number;
  readonly outputTokens?: number;
  readonly seconds?: number;
}

/** Agents by name. */
export type AgentsWriting = Readonly<Record<string, AgentWriting>>;

/** Parameters by name: zod schemas (required unless optional or with a default), or JSON Schemas. */
export type ParamsWriting = Readonly<Record<string, z.ZodType | ParamSchema>>;

/** A JSON Schema, with `required: true` beside it where a brief must give the value. */
export type ParamSchema = JsonSchema;

/** A team as TypeScript writes it: the fields of `team.yaml`, and the agents themselves. */
export interface TeamWriting<
  Agents extends AgentsWriting = AgentsWriting,
  Params extends ParamsWriting = ParamsWriting,
  Result extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
  Lead extends string | LeadWriting = string | LeadWriting,
  Way extends Pattern = Pattern,
> {
  readonly name?: string;
  /** One of the agents, or a lead of its own. */
  readonly lead?: Lead;
  readonly pattern?: Way;
  /** What `AGENTS.md` holds in a folder. */
  readonly memory?: string;
  readonly input?: {
    readonly files?: Readonly<Record<string, { readonly tokensMax?: number; readonly required?: boolean }>>;
    readonly params?: Params;
  };
  readonly agents: Agents;
  readonly models?: Readonly<Record<string, string | readonly string[]>>;
  readonly budget?: { readonly usd: number };
  readonly result?: Result;
}

/** The types of a written team's brief and result. */
export interface ShapeOf<
  Agents extends AgentsWriting,
  Params extends ParamsWriting,
  Result extends Readonly<Record<string, string>>,
  Lead extends string | LeadWriting,
  Way extends Pattern,
> {
  readonly params: ParamsOf<Params>;
  readonly result: ResultOf<Pick<Agents, MemberNames<Agents, Lead, Way>>, Result>;
  readonly agents: keyof Agents & string;
}

/** What a brief's parameters are: any text where none are declared. */
export type ParamsOf<Params extends ParamsWriting> = string extends keyof Params
  ? Readonly<Record<string, string>>
  : Flat<
      { readonly [Name in RequiredParams<Params>]: ParamOf<Params[Name]> } & {
        readonly [Name in Exclude<keyof Params, RequiredParams<Params>>]?: ParamOf<Params[Name]>;
      }
    >;

/** What a team's result is: by default each member's artifact, by its name. */
export type ResultOf<
  Agents extends AgentsWriting,
  Result extends Readonly<Record<string, string>>,
> = string extends keyof Result
  ? { readonly [Name in keyof Agents & string]: ArtifactOf<Agents[Name]> }
  : { readonly [Field in keyof Result]: ContentOf<Agents, Result[Field]> };

/** The type of the values that a JSON Schema describes; unknown where it is too clever. */
export type FromSchema<Schema> = Schema extends { readonly const: infer Value }
  ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Schema extends { readonly type: 'string' }
      ? string
      : Schema extends { readonly type: 'number' | 'integer' }
        ? number
        : Schema extends { readonly type: 'boolean' }
          ? boolean
          : Schema extends { readonly type: 'null' }
            ? null
            : Schema extends { readonly type: 'array' }
              ? readonly ItemsOf<Schema>[]
              : Schema extends { readonly properties: infer Properties }
                ? ObjectOf<Properties, RequiredMembers<Schema>>
                : unknown;

type ItemsOf<Schema> = Schema extends { readonly items: infer Items } ? FromSchema<Items> : unknown;

type RequiredMembers<Schema> = Schema extends { readonly required: readonly (infer Name)[] } ? Name : never;

type ObjectOf<Properties, Required> = Flat<
  {
    readonly [Name in Extract<keyof Properties, Required>]: FromSchema<Properties[Name]>;
  } & {
    readonly [Name in Exclude<keyof Properties, Required>]?: FromSchema<Properties[Name]>;
  }
>;

type ParamOf<Param> = Param extends z.ZodType ? z.input<Param> : FromSchema<Param>;

type RequiredParams<Params extends ParamsWriting> = {
  [Name in keyof Params]: IsRequired<Params[Name]> extends true ? Name : never;
}[keyof Params];

type IsRequired<Param> = Param extends z.ZodType
  ? undefined extends z.input<Param>
    ? false
    : true
  : Param extends { readonly default: unknown }
    ? false
    : Param extends { readonly required: true }
      ? true
      : false;

/** Everyone but the lead; an agent named lead alone, or in a code-run team, is a member. */
type MemberNames<Agents extends AgentsWriting, Lead extends string | LeadWriting, Way extends Pattern> = [
  Lead,
] extends [never]
  ? Way extends 'supervisor'
    ? OthersOr<Agents, 'lead'>
    : keyof Agents & string
  : Exclude<keyof Agents & string, Lead extends string ? Lead : never>;

type OthersOr<Agents extends AgentsWriting, Name extends string> = [
  Exclude<keyof Agents & string, Name>,
] extends [never]
  ? keyof Agents & string
  : Exclude<keyof Agents & string, Name>;

type ContentOf<Agents extends AgentsWriting, Path extends string> = Path extends
  | `${string}*${string}`
  | `${string}/`
  ? Readonly<Record<string, string>>
  : AuthorOf<Agents, Path> extends never
    ? string
    : { [Name in AuthorOf<Agents, Path>]: ArtifactOf<Agents[Name]> }[AuthorOf<Agents, Path>];

type AuthorOf<Agents extends AgentsWriting, Path extends string> = {
  [Name in keyof Agents & string]: PathOf<Name, Agents[Name]> extends Path ? Name : never;
}[keyof Agents & string];

type PathOf<Name extends string, Agent> = Agent extends { readonly writes: infer Path extends string }
  ? Path
  : Agent extends { readonly output: z.ZodType | JsonSchema }
    ? `${Name}.json`
    : `${Name}.md`;

/** Nobody may have been asked for the artifact of an agent that has a condition. */
type ArtifactOf<Agent> = Agent extends { readonly when: string }
  ? OwnContent<Agent> | null
  : OwnContent<Agent>;

type OwnContent<Agent> = Agent extends { readonly output: infer Output }
  ? Output extends z.ZodType
    ? z.output<Output>
    : FromSchema<Output>
  : string;

type Flat<Type> = { [Key in keyof Type]: Type[Key] };
