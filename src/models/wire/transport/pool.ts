import type { Outgoing } from './outgoing.ts';

/** One origin's connections, of either version of HTTP. */
export interface Pool {
  send(outgoing: Outgoing): Promise<Response>;
  /** Whether requests are out or wait. */
  isInUse(): boolean;
  close(): void;
}

/** What a pool of one origin is made of. */
export interface PoolParts {
  readonly proxy: URL | null;
  readonly limits: PoolLimits;
}

/** How many connections, and how long to wait for what, in ms; see `TransportOptions`. */
export interface PoolLimits {
  readonly connectionsMax: number;
  readonly connectMsMax: number;
  readonly firstByteMsMax: number;
  readonly betweenBytesMsMax: number;
}
