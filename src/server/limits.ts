/** How much a server takes, of whom and how fast. Everything has a maximum. */
export interface ServerLimits {
  /** Of one key, over time and at once. */
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  /** Of one key, for new jobs alone. */
  readonly acceptsPerSecond: number;
  readonly acceptsBurst: number;
  readonly jsonBytesMax: number;
  readonly formBytesMax: number;
  /** Forms read at once, by all keys: each is held in memory. */
  readonly formsMax: number;
  /** Of them, by one key: slow ones of one client leave room for others. */
  readonly formsPerKeyMax: number;
  /** Event streams open at once: of one key, and of all. */
  readonly streamsPerKeyMax: number;
  readonly streamsMax: number;
  /** How long a client may take to send its headers, and its whole request. */
  readonly headersMsMax: number;
  readonly requestMsMax: number;
  /** How long a connection is kept without a request. */
  readonly idleMsMax: number;
  /** How long an event stream is silent at most. */
  readonly heartbeatMs: number;
  /** How long requests may go on when the server closes. */
  readonly closeMsMax: number;
}

/** Limits that hold where nobody says otherwise: room for a busy client, not for a runaway one. */
export const defaultLimits: ServerLimits = Object.freeze({
  requestsPerSecond: 50,
  requestsBurst: 100,
  acceptsPerSecond: 20,
  acceptsBurst: 40,
  jsonBytesMax: 2 ** 20,
  formBytesMax: 64 * 2 ** 20,
  formsMax: 8,
  formsPerKeyMax: 2,
  streamsPerKeyMax: 100,
  streamsMax: 2_000,
  headersMsMax: 10_000,
  requestMsMax: 60_000,
  // Longer than the 60 s of common proxies: one that finds its kept connection closed by us answers 502.
  idleMsMax: 75_000,
  // Proxies commonly hang up after 30 to 60 s of silence.
  heartbeatMs: 15_000,
  closeMsMax: 10_000,
});
