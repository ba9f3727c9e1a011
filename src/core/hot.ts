/**
 * What may vanish at any time: copies for fast answers, live news, rate tokens. Nothing here is the truth.
 * Never rejects and never waits longer than its driver's small limit: trouble looks like `null`, silence or consent.
 */
export interface Hot {
  get(key: string): Promise<HotValue | null>;
  /** Keeps a copy for a while, unless a newer one is there. */
  set(key: string, value: HotValue, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Tells whoever listens now. May be lost. */
  publish(channel: string, message: string): void;
  /** Listens until the returned function is called. */
  subscribe(channel: string, listener: (message: string) => void): () => void;
  /** Which of these channels somebody listens to. May be wrong for a moment. */
  listened(channels: readonly string[]): Promise<ReadonlySet<string>>;
  /** Takes tokens from a bucket that refills; says how long to wait when there are not enough. */
  takeTokens(bucket: string, want: TokenWant): Promise<TokensTaken>;
  /** False while the driver cannot reach what it keeps things in. */
  isReachable(): boolean;
  close(): Promise<void>;
}

/** A copy and how new it is. */
export interface HotValue {
  /** The higher, the newer. */
  readonly version: number;
  readonly text: string;
}

/** What is wanted of a bucket. */
export interface TokenWant {
  readonly tokens: number;
  /** What it holds when full. */
  readonly size: number;
  readonly refillPerSecond: number;
  readonly nowMs: number;
}

/** Whether there were enough tokens. `left` and `waitMs` are for the answer's headers. */
export type TokensTaken =
  | { readonly ok: true; readonly left: number }
  | { readonly ok: false; readonly left: number; readonly waitMs: number };
