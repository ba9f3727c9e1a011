import type { CacheLife, Json, ModelRequest, Reply, Usage } from '../../core/index.ts';

/** An HTTP request as the simulator's endpoints see it: read whole, its body parsed. */
export interface HttpCall {
  readonly method: string;
  /** Without query: `/v1/messages`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no body. The text `unreadable`: not JSON. */
  readonly body: Json | undefined;
  readonly bytesSize: number;
  /** Fires when the client hangs up. */
  readonly signal: AbortSignal;
}

/** What an endpoint answers: all at once, or frame by frame. */
export type HttpAnswer =
  | {
      readonly type: 'whole';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Objects are sent as JSON, strings as they are. */
      readonly body: Json;
      /** Settles the account of a generation that is told in this body. */
      readonly delivery?: Delivery;
    }
  | {
      readonly type: 'stream';
      readonly status: number;
      /** Also the content type: `text/event-stream` or `application/x-ndjson`. */
      readonly headers: Readonly<Record<string, string>>;
      readonly frames: readonly Frame[];
      /** Told instead of what is left of the stream when the provider breaks down in the middle. */
      readonly overloadedFrame: Frame;
      readonly delivery: Delivery;
    };

/** A piece of a stream that is written at once: for SSE one whole event with its blank line. */
export interface Frame {
  readonly text: string;
  /** Output tokens it carries: the stream waits as long as making them takes. 0 for framing. */
  readonly tokens: number;
  /** The usage that the client knows once it has this frame, cumulative. What was told is what is billed. */
  readonly reports?: Usage;
}

/** An endpoint of the simulator. `:name` in a path stands for one segment, given as `parameters.name`. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Where two wires share a path: whether a call is meant for this one. */
  readonly takes?: (call: HttpCall) => boolean;
  answer(call: HttpCall, parameters: Readonly<Record<string, string>>): Promise<HttpAnswer>;
}

/** How a provider's wire is plugged in: its endpoints, made once for a running simulator. */
export type OpenWire = (simulation: Simulation) => readonly Endpoint[];

/** What wires need of the simulator. One for all wires, so limits, caches and accounts are one as well. */
export interface Simulation {
  /** Milliseconds since 1970 by the simulator's clock, which may be moved by hand. */
  now(): number;
  /** Makes ids that never repeat: `newId('msg_01')`. Deterministic: counted, not random. */
  newId(prefix: string): string;
  /** Tokens of a text, as this simulator bills them. */
  countTokens(text: string): number;
  /** The model names it knows, as `provider/name`; others are answered too, as providers answer unknown names: with 404. */
  readonly models: readonly SimModel[];
  findModel(provider: string, name: string): SimModel | null;
  /** Checks the key and what the key may do before anything is read: null when all is well. */
  refuseKey(key: string | null): Refusal | null;
  /** Runs a generation: faults, rate limits, prompt cache, brain. Waits for nothing but the brain. */
  ask(asked: Asked): Promise<Outcome>;
  /** Puts on the account what no generation told: embeddings. */
  bill(charge: Charge): void;
}

/** A model of the simulator. */
export interface SimModel {
  readonly provider: 'anthropic' | 'openai' | 'ollama';
  /** Without the provider. */
  readonly name: string;
  readonly contextTokensMax: number;
  readonly outputTokensMax: number;
}

/** A generation request, understood: whatever wire it came by. */
export interface Asked {
  readonly model: SimModel;
  /** Which of the provider's wires: `messages`, `batch`, `chat`, `responses`, `ollama`. */
  readonly wire: string;
  readonly key: string;
  /** For the brain. */
  readonly request: ModelRequest;
  /** For the prompt cache and the bill: everything the provider reads, in the order it hashes it. */
  readonly prompt: readonly PromptPart[];
  readonly caching: CacheWish;
  /** At half price and with its own limits. */
  readonly batch: boolean;
  /** `flex` costs half, `priority` and `fast` double, by the provider's own table. */
  readonly tier: 'standard' | 'flex' | 'priority' | 'fast';
  readonly signal: AbortSignal;
}

/** One piece of a prompt: what a provider's cache hashes and a breakpoint may stand on. */
export interface PromptPart {
  readonly level: 'tools' | 'system' | 'messages';
  /** Everything of it that counts for the hash, in the client's own order of keys; never the mark. */
  readonly content: string;
  readonly tokens: number;
  readonly mark: CacheLife | null;
  /** Neighbouring parts with the same run are one position of the walk back: a run of tool calls, of results. */
  readonly run: string | null;
  /** False where no breakpoint may stand: thinking, empty text. */
  readonly cacheable: boolean;
  /** True where OpenAI's implicit breakpoint may stand: the end of a user message or of a group of tool results. */
  readonly endsMessage: boolean;
}

/** What a request wants of the prompt cache. Beside the prompt, it changes its hash. */
export interface CacheWish {
  /** Anthropic: the top-level `cache_control`; OpenAI: `implicit` unless told otherwise. Null: only marked parts. */
  readonly automatic: CacheLife | null;
  /** What the hash of each level is salted with, for example the thinking mode for `messages`. */
  readonly salts: Readonly<Record<PromptPart['level'], string>>;
  /** OpenAI's `prompt_cache_key`, Anthropic's workspace. */
  readonly partition: string;
}

/**
 * A refusal in no wire's words; each wire says it in its own.
 * `hangs-up` needs no words: whatever the wire answers, the server closes the connection instead.
 */
export interface Refusal {
  readonly code:
    | 'bad-key'
    | 'rate-limited'
    | 'quota-exhausted'
    | 'overloaded'
    | 'server-error'
    | 'context-overflow'
    | 'hangs-up';
  /** For people, without names of providers: `50,000 input tokens per minute`. */
  readonly said: string;
  /** Seconds for `retry-after`; null: the header is left out. */
  readonly retryAfterS: number | null;
  readonly limits: LimitState | null;
  /** For `context-overflow`: how long the prompt is. */
  readonly promptTokens: number;
}

/** The rate limits of a key after a request was counted. Null: no such limit is set. */
export interface LimitState {
  readonly requests: LimitWindow | null;
  readonly inputTokens: LimitWindow | null;
  readonly outputTokens: LimitWindow | null;
}

/** One token bucket. */
export interface LimitWindow {
  readonly limit: number;
  readonly remaining: number;
  /** When it is full again, in ms since 1970. */
  readonly fullAtMs: number;
}

/** How a generation went. */
export type Outcome =
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'answered'; readonly answer: Answer };

/** What the simulator answers: the wire only has to write it down. */
export interface Answer {
  /** Blocks as a model of ours would have given them. `opaque` blocks carry thinking: `{ "thinking": "…" }`. */
  readonly reply: Pick<Reply, 'blocks' | 'stop'>;
  /** For `refused`: why, in a word. */
  readonly refusal: string | null;
  /** All that it uses when it is told to the end; `cacheReadTokens` is always a number. */
  readonly usage: Usage;
  readonly limits: LimitState | null;
  /** True where the arguments of tool calls are to be told as broken JSON. */
  readonly breaksArguments: boolean;
  readonly delivery: Delivery;
}

/** How an answer travels. Wires hand it on and the server acts on it; only Ollama's wire reads its speed, for durations. */
export interface Delivery {
  readonly firstByteMs: number;
  /** 0: as fast as the machine can. */
  readonly tokensPerSecond: number;
  /** What goes wrong on the way; `at` is the share of the frames that get through, 0 to 1. */
  readonly mishap: {
    readonly type: 'cut' | 'stall' | 'overloaded' | 'malformed';
    readonly at: number;
  } | null;
  /** What the whole answer uses: told by a body that is sent at once. */
  readonly usage?: Usage;
  /** Called when the first byte leaves: the prompt's prefix is in the cache from now on. */
  begun(): void;
  /** Called once with what the client was told it used; null: nothing. */
  settle(reported: Usage | null): void;
}

/** What is billed outside a generation. */
export interface Charge {
  readonly model: SimModel;
  readonly key: string;
  readonly usage: Usage;
  readonly batch: boolean;
}
