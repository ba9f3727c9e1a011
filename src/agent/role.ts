import type { StaticPrefix, VolatileFinding } from '../context/index.ts';
import type {
  Effort,
  Failure,
  OutputSchema,
  Result,
  Run,
  SystemBlock,
  Tool,
  ToolAnswer,
  ToolDefinition,
  Workspace,
} from '../core/index.ts';

/** The static half of an agent: compiled once per team, the same objects in every job. */
export interface Role {
  readonly name: string;
  /** An alias or an id that the run resolves. */
  readonly model: string;
  readonly effort: Effort | null;
  readonly thinkingTokensMax: number | null;
  readonly system: readonly SystemBlock[];
  readonly tools: readonly ToolDefinition[];
  readonly output: OutputSchema | null;
  readonly limits: AgentLimits;
  /** Tools, system part and output schema as every request of the agent begins with them. */
  readonly prefix: StaticPrefix;
  /** What in its system part changes between jobs: told after a run, with what it costs. */
  readonly volatile: readonly VolatileFinding[];
  /** Share of the context window at which its conversation is made shorter, above 0 and at most 1. */
  readonly compactAt: number;
  /** Where big tool results may be moved: a folder it reads and writes, ending in `/`. Null: nowhere. */
  readonly resultsFolder: string | null;
}

/** Where an agent is stopped, each with its own reason code. */
export interface AgentLimits {
  readonly turnsMax: number;
  readonly toolCallsMax: number;
  /** Over all turns, reasoning included. */
  readonly outputTokensMax: number;
  readonly wallMsMax: number;
}

/** One piece of work for an agent. */
export interface Assignment {
  readonly role: Role;
  /** What stands behind the role's tool definitions, in the same order. */
  readonly tools: readonly (Tool | EnteringTool)[];
  /** The first user message: all that differs between jobs. */
  readonly task: string;
  readonly goal: Goal;
  /** Names the agent run in journal keys: everything it does is recorded under it. */
  readonly key: string;
  /** The job's files, narrowed to what the agent declared. */
  readonly workspace: Workspace;
}

/** A tool whose calls journal steps of their own: on replay it is entered again instead of being recorded. */
export interface EnteringTool extends Omit<Tool, 'run'> {
  readonly enters: true;
  /** Does it within the agent's own run; what it does is recorded under the call's key. */
  run(input: unknown, key: string, run: Run): Promise<Result<ToolAnswer>>;
}

/** When an agent is done. */
export interface Goal {
  /** How often the agent is told what is missing before it fails. */
  readonly remindersMax: number;
  /** Looks whether the work is there; may write what the answer itself brings. Its outcome is recorded. */
  check(answer: string, workspace: Workspace): Promise<GoalOutcome>;
}

/** Whether the goal is met. What cannot be mended ends the agent without a reminder. */
export type GoalOutcome =
  | { readonly type: 'met' }
  | { readonly type: 'unmet'; readonly failure: Failure; readonly mendable: boolean };

/** How an agent run ended well. */
export interface AgentEnd {
  /** The first sentence of its last answer, for people. */
  readonly said: string;
  readonly turns: number;
}
