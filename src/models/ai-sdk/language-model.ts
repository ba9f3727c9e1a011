/**
 * A language model of the AI SDK, by its shape alone: specification versions `v3` (`ai` 6) and `v4` (`ai` 7).
 * What `anthropic('claude-sonnet-5')` and every other provider's factory return is one.
 */
export interface LanguageModel {
  readonly specificationVersion: 'v3' | 'v4';
  /** The provider and its wire, for example `anthropic.messages`. */
  readonly provider: string;
  readonly modelId: string;
  doStream(options: CallOptions): PromiseLike<StreamResult>;
}

/** What one call is asked, as far as it is used here. */
export interface CallOptions {
  readonly prompt: object[];
  readonly maxOutputTokens?: number;
  readonly tools?: object[];
  readonly responseFormat?: object;
  /** Only `v4`: how hard to think. */
  readonly reasoning?: string;
  readonly providerOptions?: object;
  readonly abortSignal?: AbortSignal;
}

/** A provider's answer as it comes in. */
export interface StreamResult {
  readonly stream: ReadableStream<StreamPart>;
  readonly response?: { readonly headers?: Record<string, string> };
}

/** One piece of an answer; which members it has depends on its type. */
export interface StreamPart {
  readonly type: string;
  readonly id?: string;
  readonly delta?: string;
  readonly toolCallId?: string;
  readonly toolName?: string;
  /** A tool call's arguments, as JSON text. */
  readonly input?: unknown;
  readonly providerExecuted?: boolean;
  readonly kind?: string;
  readonly providerMetadata?: object;
  readonly usage?: StreamUsage;
  readonly finishReason?: { readonly unified: string };
  readonly error?: unknown;
}

/** What an answer used. Cached tokens stand inside the input's total; `raw` is what the provider said. */
export interface StreamUsage {
  readonly inputTokens: {
    readonly total: number | undefined;
    readonly cacheRead: number | undefined;
    readonly cacheWrite: number | undefined;
  };
  readonly outputTokens: {
    readonly total: number | undefined;
    readonly reasoning: number | undefined;
  };
  readonly raw?: object;
}
