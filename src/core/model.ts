import type { Failure } from './failure.ts';
import type { Json, JsonSchema } from './json.ts';
import type { ToolEffect } from './tool.ts';
import type { Usage } from './usage.ts';

/** Anything that answers a request: a provider, a wrapper around one, or a model made of models. */
export interface Model {
  /** `provider/name`, as a person writes it. */
  readonly id: string;
  /** The largest request plus reply it takes, in tokens. */
  readonly contextTokensMax: number;
  /** Answers. Never throws; the last event is always `end`, also after `signal` fires. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** Puts behaviour around a model without changing its contract. */
export type WrapModel = (inner: Model) => Model;

/** How long a block stays the same: across releases, within a job, or for one turn. */
export type Stability = 'release' | 'job' | 'turn';

/** What one model call is asked: frozen data, laid out static before dynamic. */
export interface ModelRequest {
  /** The agent run that asks; for traces and budgets, never sent to a provider. */
  readonly lane: string;
  readonly tools: readonly ToolDefinition[];
  readonly system: readonly SystemBlock[];
  readonly messages: readonly Message[];
  readonly outputTokensMax: number;
  readonly effort?: Effort;
  /** When present, the reply's text must be JSON of this schema. */
  readonly output?: OutputSchema;
}

/** The schema that a reply's text must fit; the name is for providers that want one. */
export interface OutputSchema {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** How hard a model should think; providers without the notion ignore it. */
export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** A tool as the model sees it. `effect` is never sent; wrappers and the offline model read it. */
export interface ToolDefinition {
  readonly name: string;
  readonly purpose: string;
  readonly inputSchema: JsonSchema;
  readonly effect: ToolEffect;
}

/** One piece of the system prompt, with where it came from. */
export interface SystemBlock {
  /** For example `memory`, `prompt:extractor`, `skill:extract-insights`. */
  readonly id: string;
  readonly stability: Stability;
  readonly text: string;
  /** True where a provider's prompt cache should keep everything up to and including this block. */
  readonly cacheMark?: boolean;
}

/** One message of the conversation. `cacheMark` as on system blocks. */
export type Message =
  | { readonly role: 'user'; readonly blocks: readonly UserBlock[]; readonly cacheMark?: boolean }
  | { readonly role: 'assistant'; readonly blocks: readonly AssistantBlock[] };

/** What a user message may hold: tool results always come before text. */
export type UserBlock = TextBlock | ToolResultBlock;

/** What a model's reply may hold. */
export type AssistantBlock = TextBlock | ToolCallBlock | OpaqueBlock;

/** Plain text. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

/** The model asks for a tool. `input` is what it sent, not yet validated. */
export interface ToolCallBlock {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** A string when the model's arguments were not valid JSON: the raw text. */
  readonly input: Json;
}

/** The answer to one tool call. */
export interface ToolResultBlock {
  readonly type: 'tool-result';
  readonly id: string;
  readonly text: string;
  readonly failed: boolean;
}

/** A provider's own content. It goes back to it byte for byte: signed reasoning, for example. */
export interface OpaqueBlock {
  readonly type: 'opaque';
  readonly provider: string;
  readonly content: Json;
}

/** Why a model stopped. */
export type StopReason = 'done' | 'tool-calls' | 'output-limit' | 'context-full' | 'refused';

/** A complete answer and what it used. */
export interface Reply {
  readonly blocks: readonly AssistantBlock[];
  readonly stop: StopReason;
  readonly usage: Usage;
  /** The model that really answered (a chain or a cascade may have chosen), `provider/name`. */
  readonly model: string;
  /** The provider's own id of the call, for their support. */
  readonly requestId?: string;
}

/** What a model says while it answers. */
export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'end'; readonly end: ModelEnd };

/**
 * How a call ended. A failed one may have been billed all the same: `usage` is what is known of it.
 * `attempts` are billed calls to other models that failed before, as a chain makes them; never in `usage`.
 */
export type ModelEnd = { readonly attempts?: readonly Attempt[] } & (
  | { readonly type: 'reply'; readonly reply: Reply }
  | { readonly type: 'failed'; readonly failure: Failure; readonly usage?: Usage }
);

/** A billed call to one model. */
export interface Attempt {
  /** `provider/name`. */
  readonly model: string;
  readonly usage: Usage;
}
