import type { AgentLimits } from '../agent/index.ts';
import type { Effort, JsonSchema, Place, Tool } from '../core/index.ts';
import type { Skill } from '../skills/index.ts';
import type { Condition } from './condition.ts';

/** The types of a team's brief and result, where it was written in TypeScript. */
export interface TeamShape {
  readonly params: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly agents: string;
}

/** Agents, skills, tools and settings: data, loaded from a folder or written in TypeScript. */
export interface Team<Shape extends TeamShape = TeamShape> {
  /** For people: the folder's name unless `team.yaml` says another. Not part of the digest. */
  readonly name: string;
  /** Hash of all that decides what the agents see and may do; not of names of places. */
  readonly digest: string;
  readonly pattern: Pattern;
  /** Who coordinates. Null for code-run patterns and for one agent alone. */
  readonly lead: LeadDefinition | null;
  /** Everyone who owes an artifact, in an order in which each finds what it reads. */
  readonly members: readonly AgentDefinition[];
  /** Durable memory, shared by all agents (`AGENTS.md`). */
  readonly memory: StaticText | null;
  readonly input: TeamInput;
  /** Alias → chain of `provider/name`, tried in order. */
  readonly models: Readonly<Record<string, readonly string[]>>;
  /** The most a job may cost, in micro-USD. */
  readonly budgetMicroUsd: number | null;
  /** Result field → path of one artifact, or a glob over several. */
  readonly result: Readonly<Record<string, string>>;
  /** What is worth a person's attention but stops nothing. Not part of the digest. */
  readonly notices: readonly Notice[];
  /** Carries the types; never set. */
  readonly shape?: Shape;
}

/** Who decides what runs next: an LLM lead, code in order, or code all at once. */
export type Pattern = 'supervisor' | 'pipeline' | 'parallel';

/** Text that is the same in every job, and where it came from. */
export interface StaticText {
  readonly text: string;
  readonly source: Place;
}

/** What a lead and a member have in common. */
export interface RoleDefinition {
  readonly name: string;
  /** What it is for, as others see it. */
  readonly description: string;
  readonly prompt: StaticText;
  /** The one skill that stands in the prompt. */
  readonly skill: Skill | null;
  /** Further skills, listed by description and opened on demand. */
  readonly moreSkills: readonly Skill[];
  /** An alias of `team.models`, or `provider/name`. */
  readonly model: string;
  readonly effort: Effort | null;
  readonly thinkingTokensMax: number | null;
  /** Share of the context window at which its conversation is summed up, above 0 and at most 1. */
  readonly compactAt: number;
  readonly limits: AgentLimits;
}

/** The agent that coordinates. Its tools are fixed: `list_files` and `delegate`. */
export type LeadDefinition = RoleDefinition;

/** A role: prompt, skill, tools, model, what it reads and the one artifact it writes. */
export interface AgentDefinition extends RoleDefinition {
  /** All it can use: file tools in their own order, then `open_skill_file`, then the team's own by name. */
  readonly tools: readonly Tool[];
  /** Scope rules: paths, folders (`drafts/`) or globs. */
  readonly reads: readonly string[];
  /** True when it also reads whatever files the brief brings. */
  readonly readsInputs: boolean;
  /** The artifact it owes. */
  readonly writes: string;
  /** When present, the artifact is JSON of this schema and comes from the agent's answer. */
  readonly output: JsonSchema | null;
  /** Runs only for briefs whose parameters fulfil it. */
  readonly when: Condition | null;
  /** Verification: runs after everyone else. */
  readonly last: boolean;
}

/** What a brief may bring. */
export interface TeamInput {
  /** Null: any file is welcome. */
  readonly files: Readonly<Record<string, InputFile>> | null;
  /** Parameter → its schema; null: any parameter is welcome, as text. */
  readonly params: Readonly<Record<string, InputParam>> | null;
}

/** A file that the brief brings. */
export interface InputFile {
  /** Longer files are cut at a heading or paragraph. */
  readonly tokensMax: number;
  readonly required: boolean;
}

/** A parameter that the brief brings. `schema.default`, when there, is its value when absent. */
export interface InputParam {
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** A warning, and where it can be mended. */
export interface Notice {
  readonly message: string;
  readonly place?: Place;
}

/** Where conversations are summed up when a team says nothing: room enough for one more turn and its answer. */
export const defaultCompactAt = 0.8;

/** Limits that hold where a team says nothing. Turns: enough for reads, tools, an artifact and one repair. */
export const defaultLimits: AgentLimits = Object.freeze({
  turnsMax: 20,
  toolCallsMax: 100,
  outputTokensMax: 32_000,
  wallMsMax: 10 * 60_000,
});

/** As `defaultLimits`, for a lead: it waits while its members work. */
export const defaultLeadLimits: AgentLimits = Object.freeze({
  ...defaultLimits,
  turnsMax: 60,
  toolCallsMax: 1_000,
  wallMsMax: 60 * 60_000,
});

/** Size in tokens of an input file when a team says nothing. */
export const defaultFileTokensMax = 20_000;
