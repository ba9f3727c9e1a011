import type { Json, JsonSchema } from './json.ts';
import type { Result } from './result.ts';
import type { WaitEnd } from './wait.ts';
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
  /** Bump it when the code changes but the interface does not: it enters the team's digest. */
  readonly version?: string;
  /** Hash of the code behind it, where that is known. Not part of the digest: a job says when it has changed. */
  readonly codeHash?: string;
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
  /** The step's stable key within its job. */
  readonly key: string;
  /** The same at every try of this call, and of no other call of any job: for services that take one. */
  readonly idempotencyKey: string;
  /** The job's files, narrowed to what the agent declared; its writes count when the call has been recorded. */
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
  /**
   * Waits for a signal by name, for as long as it takes; a durable job is parked meanwhile and costs nothing. Whatever
   * stands before it runs again when the job goes on, and what the call has written until then is dropped.
   * Waits side by side have to end all: a durable job is parked until then.
   */
  wait(signal: string, options?: WaitOptions): Promise<WaitEnd>;
}

/** How long to wait, and what for. */
export interface WaitOptions {
  /** How long at most, from the first time it is asked: a restart never extends it. */
  readonly timeoutMs?: number;
  /** For whoever answers. Made of what never changes (the input, files): the answer is bound to it. */
  readonly question?: Json;
}
