import type { LimitWindow } from '../server/wire.ts';

const minuteMs = 60_000;

/** So much is let through per minute; it refills continuously, not by the minute. */
export interface TokenBucket {
  readonly limit: number;
  /** What was left at `atMs`. Below 0 where more was used than anyone could know before. */
  readonly level: number;
  readonly atMs: number;
}

/** Makes a full bucket. */
export function fullBucket(limit: number, nowMs: number): TokenBucket {
  return { limit, level: limit, atMs: nowMs };
}

/** What is left now. */
export function levelAt({ limit, level, atMs }: TokenBucket, nowMs: number): number {
  return Math.min(limit, level + ((nowMs - atMs) * limit) / minuteMs);
}

/** Takes tokens out, also more than there are; a negative number puts them back. */
export function take(bucket: TokenBucket, tokens: number, nowMs: number): TokenBucket {
  return {
    limit: bucket.limit,
    level: Math.min(bucket.limit, levelAt(bucket, nowMs) - tokens),
    atMs: nowMs,
  };
}

/** How long until so many tokens are there, in ms; for more than the limit, until the bucket is full. */
export function waitMsFor(bucket: TokenBucket, tokens: number, nowMs: number): number {
  const missing = Math.min(tokens, bucket.limit) - levelAt(bucket, nowMs);
  return missing <= 0 ? 0 : (missing * minuteMs) / bucket.limit;
}

/** The bucket as rate-limit headers tell it. */
export function windowOf(bucket: TokenBucket, nowMs: number): LimitWindow {
  return {
    limit: bucket.limit,
    remaining: Math.max(0, Math.floor(levelAt(bucket, nowMs))),
    fullAtMs: nowMs + waitMsFor(bucket, bucket.limit, nowMs),
  };
}
