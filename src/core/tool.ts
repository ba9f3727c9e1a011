import type { JsonSchema } from './json.ts';
import type { Result } from './result.ts';
import type { Workspace } from './workspace.ts';

/** What a call may change: nothing, the job's own files, or the world outside. */
export type ToolEffect = 'read' | 'write' | 'outside';

/** Whether a call may be repeated when a crash hid its outcome. */
export type ToolReplay = 'safe' | 'never';

/** Something an agent can do. */
export interface Tool {
  /** Lowercase letters, digits and `_`, at most 64 characters (the providers' common rule). */
  readonly name: string;
  /** Told to the model: what it does and when to use it. */
  readonly purpose: string;
  readonly inputSchema: JsonSchema;
  readonly effect: ToolEffect;
  readonly replay: ToolReplay;
  /** True when calls of one turn may overlap though they are not reads. */
  readonly overlaps?: boolean;
  /** True when a call journals steps of its own: on replay it is entered again instead of being recorded. */
  readonly enters?: boolean;
  /** Bump it when the code changes but the interface does not: it enters the team's digest. */
  readonly version?: string;
  /** Checks raw arguments; the failure says what to send instead. */
  parse(input: unknown): Result<unknown>;
  /** Does it. `input` is what `parse` gave. Never throws for what can be expected. */
  run(input: unknown, call: ToolCall): Promise<Result<ToolAnswer>>;
}

/** What the model is told. Text, or JSON data that is written out for it. */
export interface ToolAnswer {
  readonly text: string;
}

/** What a running tool may use: passed by hand, nothing ambient. */
export interface ToolCall {
  readonly agent: string;
  /** The step's stable key: pass it on as idempotency key where the world takes one. */
  readonly key: string;
  /** The job's files, narrowed to what the agent declared; its writes count when the call has been recorded. */
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
}
