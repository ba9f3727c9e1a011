import type { Failure, FailureCode } from './failure.ts';
import type { Json, JsonSchema } from './json.ts';
import type { Result } from './result.ts';
import type { ToolEffect } from './tool.ts';
import type { Usage } from './usage.ts';

/** Anything that answers a request: a provider, a wrapper around one, or a model made of models. */
export interface Model {
  /** `provider/name`, as a person writes it. */
  readonly id: string;
  /** The largest request plus reply it takes, in tokens. */
  readonly contextTokensMax: number;
  /**
   * Answers. Never throws; the last event is always `end`, also after `signal` fires. Whoever sends a request over a
   * network calls `beforeSend` as late as it can.
   */
  stream(request: ModelRequest, signal: AbortSignal, beforeSend?: BeforeSend): AsyncIterable<ModelEvent>;
  /** Asks the provider how many tokens a request has, for nothing. Absent where it cannot be asked. */
  countTokens?(request: ModelRequest, signal: AbortSignal): Promise<Result<number>>;
}

/**
 * Called right before a request is written: a process may have been frozen for minutes since the call began. Null: it
 * may go at once. A promise is waited for, and then the call's signal says whether the request may still go. Never throws.
 */
export type BeforeSend = () => Promise<void> | null;

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
  /** At most this many tokens of thinking before an answer; 0 asks for none. Models either know this or `effort`. */
  readonly thinkingTokensMax?: number;
  /** When present, the reply's text must be JSON of this schema. */
  readonly output?: OutputSchema;
}

/** The schema that a reply's text must fit; the name is for providers that want one. */
export interface OutputSchema {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** How hard a model should think. */
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
  /** Where a provider's prompt cache should keep everything up to and including this block, and how long. */
  readonly cacheMark?: CacheLife;
}

/** How long a provider should keep a prefix: minutes (Anthropic 5, OpenAI 30), or hours (Anthropic 1, OpenAI 12). */
export type CacheLife = 'short' | 'long';

/** One message of the conversation. `cacheMark` as on system blocks. */
export type Message =
  | { readonly role: 'user'; readonly blocks: readonly UserBlock[]; readonly cacheMark?: CacheLife }
  | { readonly role: 'assistant'; readonly blocks: readonly AssistantBlock[] };

/** What a user message may hold: tool results always come before text and images. */
export type UserBlock = TextBlock | ToolResultBlock | ImageBlock;

/** What a model's reply may hold. */
export type AssistantBlock = TextBlock | ToolCallBlock | OpaqueBlock;

/** Plain text. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

/** A picture for models that see. */
export interface ImageBlock {
  readonly type: 'image';
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Its bytes in base64. */
  readonly base64: string;
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
  readonly timing?: Timing;
}

/** How long an answer took, in ms of the run's clock. */
export interface Timing {
  /** From sending the request to the first piece of the answer. */
  readonly firstTokenMs: number;
  /** From the first piece to the last. */
  readonly generationMs: number;
}

/**
 * What a model says while it answers. The texts since the last `retracted` join to the text of the reply.
 * `begun`: the provider has taken the request on, so its prefix is in the prompt cache from now on.
 */
export type ModelEvent =
  | { readonly type: 'begun'; readonly limits?: RateLimits }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** What was shown so far does not count: the answer begins again. */
  | { readonly type: 'retracted' }
  | Rescue
  | { readonly type: 'end'; readonly end: ModelEnd };

/** A call that failed and was saved: tried again after `waitMs`, or handed to another model. */
export type Rescue =
  | { readonly type: 'retried'; readonly model: string; readonly code: FailureCode; readonly waitMs: number }
  | { readonly type: 'fell-back'; readonly from: string; readonly to: string; readonly code: FailureCode };

/**
 * How a call ended. A failed one may have been billed all the same: `usage` is what the provider reported of it, and
 * `estimate` what it may have used beyond that without ever saying so.
 * `attempts` are billed calls that failed before this one, as retries and chains make them; never in `usage`.
 */
export type ModelEnd = { readonly attempts?: readonly Attempt[] } & (
  | { readonly type: 'reply'; readonly reply: Reply }
  | {
      readonly type: 'failed';
      readonly failure: Failure;
      readonly usage?: Usage;
      readonly estimate?: Usage;
      readonly limits?: RateLimits;
    }
);

/** A billed call to one model. */
export interface Attempt {
  /** `provider/name`. */
  readonly model: string;
  /** What the provider reported. */
  readonly usage: Usage;
  /** What it may have used beyond that: a budget counts it, an account tells it apart. */
  readonly estimate?: Usage;
}

/** What a provider's headers say of its rate limits. Absent: not said. */
export interface RateLimits {
  readonly requests?: RateWindow;
  /** Input tokens, where they are counted apart. */
  readonly inputTokens?: RateWindow;
  readonly outputTokens?: RateWindow;
  /** Input and output together, where they are counted so. */
  readonly tokens?: RateWindow;
}

/** One bucket of a rate limit, per minute. */
export interface RateWindow {
  readonly limit: number;
  readonly remaining: number;
  /** Until the bucket is full again, in ms. */
  readonly resetMs: number;
}
